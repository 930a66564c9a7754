/**
 * Shapes that only benchmarks build: what Causeway is measured against. The hosts are those of the lab, so that nothing differs but what
 * runs on them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { outputOf } from '../../src/lab/output-of.ts';
import { mustRun } from '../../src/lab/run-program.ts';
import { buildInternet, connectToInternet } from '../../src/lab/shapes/internet.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import { buildSite, headquarters } from '../../src/lab/shapes/site.ts';
import type { World } from '../../src/lab/world.ts';

/** RawOpenvpn is the tutorial's first flow as somebody who knows openvpn sets it up by hand: one daemon, no agent, no controller. */
export type RawOpenvpn = { readonly gateway: Host; readonly bob: Host; readonly bobAddress: string; readonly server: Host };

const range = { network: '100.96.0.0', mask: '255.224.0.0', prefix: '100.96.0.0/11' };
const bobAddress = '100.96.16.1';
const connectorAddress = '100.96.0.100';

export async function buildRawOpenvpn(world: World): Promise<RawOpenvpn> {
  const internet = await buildInternet(world);
  const gateway = await world.host('raw-gateway');
  const [address, hq, bob, keys] = await Promise.all([
    connectToInternet(world, internet, gateway, '203.0.113.'),
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
    makeKeys(join(world.directory, 'keys')),
  ]);
  await gateway.sysctl({ 'net/ipv4/ip_forward': 1 });
  await startServer(gateway, join(world.directory, 'raw'), keys);
  await hq.connector.sysctl({ 'net/ipv4/ip_forward': 1 });
  await hq.connector.nft(`table ip raw {
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      oifname "lan0" ip saddr ${range.prefix} masquerade
    }
  }`);
  await Promise.all([startClient(hq.connector, address, keys('connector')), startClient(bob.computer, address, keys('bob'))]);
  await awaitCondition('Bob reaches the server by raw openvpn', async () => {
    const { code } = await bob.computer.run(['ping', '-c', '1', '-W', '1', headquarters.server]);
    return code === 0 ? true : undefined;
  });
  return { gateway, bob: bob.computer, bobAddress, server: hq.server };
}

/** Keys gives the inline blocks of a certificate and its key, by common name. */
type Keys = (name: string) => string;

async function makeKeys(directory: string): Promise<Keys> {
  mkdirSync(directory);
  const names = ['gateway', 'connector', 'bob'];
  const curve = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  const script = [
    `openssl req -x509 ${curve} -keyout ca.key -out ca.crt -subj /CN=raw-ca -days 2`,
    ...names.map((name) => {
      const usage = name === 'gateway' ? 'serverAuth' : 'clientAuth';
      const extensions = `-addext extendedKeyUsage=${usage} -addext keyUsage=digitalSignature`;
      return `openssl req -x509 -CA ca.crt -CAkey ca.key ${curve} -keyout ${name}.key -out ${name}.crt -subj /CN=${name} -days 2 -addext basicConstraints=critical,CA:FALSE ${extensions}`;
    }),
  ].join('\n');
  await mustRun(['sh', '-ec', `cd ${directory}\n${script}`]);
  const read = (file: string) => mustRun(['cat', join(directory, file)]);
  const ca = await read('ca.crt');
  const blocks = new Map<string, string>();
  for (const name of names) {
    blocks.set(
      name,
      `<ca>\n${ca}</ca>\n<cert>\n${await read(`${name}.crt`)}</cert>\n<key>\n${await read(`${name}.key`)}</key>\n`,
    );
  }
  return (name) => blocks.get(name) ?? '';
}

/** What openvpn.md 1 gives as the working baseline; the cipher is the one that Causeway's lanes agree on as well. */
async function startServer(gateway: Host, directory: string, keys: Keys): Promise<void> {
  mkdirSync(join(directory, 'ccd'), { recursive: true });
  writeFileSync(join(directory, 'ccd', 'bob'), `ifconfig-push ${bobAddress} ${range.mask}\n`);
  writeFileSync(
    join(directory, 'ccd', 'connector'),
    `ifconfig-push ${connectorAddress} ${range.mask}\niroute 10.0.0.0 255.255.192.0\n`,
  );
  const options = `
    mode server
    tls-server
    proto udp4
    port 1194
    dev tun0
    topology subnet
    ifconfig 100.96.0.1 ${range.mask}
    route 10.0.0.0 255.255.192.0 ${connectorAddress}
    client-config-dir ${join(directory, 'ccd')}
    push "topology subnet"
    push "route ${range.network} ${range.mask}"
    push "route 10.0.0.0 255.255.192.0 100.96.0.1"
    dh none
    data-ciphers AES-256-GCM
    keepalive 5 20
    disable-dco
    verb 3
  `;
  const file = join(directory, 'server.conf');
  writeFileSync(file, `${options}\n${keys('gateway')}`, { mode: 0o600 });
  const said = outputOf(gateway.start(['openvpn', '--config', file]));
  await awaitCondition('the raw openvpn server is up', () =>
    said().includes('Initialization Sequence Completed') ? true : undefined,
  );
}

async function startClient(machine: Host, server: string, keys: string): Promise<void> {
  // A site does not route its own prefix into the tunnel.
  const isSite = machine.name.endsWith('connector');
  const options = `
    client
    dev tun0
    nobind
    remote ${server} 1194 udp4
    remote-cert-tls server
    data-ciphers AES-256-GCM
    disable-dco
    verb 3
    ${isSite ? 'pull-filter ignore "route 10.0.0.0"' : ''}
  `;
  await machine.must(['sh', '-c', 'umask 077; cat >/root/raw.ovpn'], { input: `${options}\n${keys}` });
  const said = outputOf(machine.start(['openvpn', '--config', '/root/raw.ovpn']));
  await awaitCondition(`raw openvpn on ${machine.name} is connected`, () => {
    return said().includes('Initialization Sequence Completed') ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said().slice(-2000)}`);
  });
}
