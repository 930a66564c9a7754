import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assembleAgent, assembleInstaller } from '../../contract/connector-scripts.ts';
import type { ContractController, Seen, ServerMemory } from './contract-controller.ts';
import { contractController } from './contract-controller.ts';
import type { Finished, TestHost, Userland } from './test-host.ts';
import { testHost, until } from './test-host.ts';

/**
 * A site as in the tutorial, for the tests of the connector's scripts: `gateway` (203.0.113.1, controller and one real openvpn lane with
 * 100.96.0.1), `connector` (203.0.113.2 and 10.0.0.10 on its LAN), `server` (10.0.0.20, whose default route leads nowhere useful).
 */
export type TestSite = AsyncDisposable & {
  readonly gateway: TestHost;
  readonly connector: TestHost;
  readonly server: TestHost;
  readonly controller: ContractController;
  /** Pipes the served installer into sh on the connector, as the pasted line does. */
  readonly install: (parameters: string) => Promise<Finished>;
  /** The same with --foreground, left running. Resolves when the tunnel is up, unless told not to wait. */
  readonly installForeground: (options?: { readonly wait?: boolean; readonly environment?: string }) => Promise<ForegroundAgent>;
  /** `c` is the connector's own, which runs from the start. Each moves the gateway's routes to itself when it hears the connector. */
  readonly startLane: (lane?: LaneName) => Promise<void>;
  readonly stopLane: (lane?: LaneName) => Promise<void>;
  /** A lane that is busy refuses whoever comes, as the gateway's hand-over lane does while another connector has it. */
  readonly busyLane: (lane: LaneName, busy: boolean) => Promise<void>;
  readonly seen: () => Promise<Seen>;
  readonly profile: string;
  /** What the controller serves at the beginning; to be given to one that was started anew. */
  readonly served: Pick<ServerMemory, 'token' | 'profile' | 'desired' | 'installer' | 'agent'>;
};

/** The lanes of the test's gateway, by name: their ports, and the devices `cwtest` and so on. */
export const lanePorts = { c: 1194, h: 1209, d: 1212 } as const;
export type LaneName = keyof typeof lanePorts;

export type ForegroundAgent = {
  readonly output: () => string;
  readonly stop: () => Promise<void>;
  readonly exited: Promise<number | null>;
};

export const token = 'dGhpcyBpcyBhIHRlc3QgdG9rZW4gb2YgMzIgYnl0ZXM';

/** desired writes a state in the contract's lines; what is given replaces the line of that word (or, as a list, the lines). */
export function desired(revision: number, changes: Readonly<Record<string, string | readonly string[]>> = {}): string {
  const fields: Record<string, string | readonly string[]> = {
    revision: String(revision),
    address: '100.96.0.100',
    range: ['100.96.0.0/11'],
    route: ['192.168.0.0/22'],
    nat: 'masquerade',
    local: ['10.0.0.0/18'],
    state: 'active',
    gateway: '100.96.0.1',
    profile: 'aa11',
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([word, value]) =>
    (typeof value === 'string' ? [value] : value).map((each) => `${word} ${each}`),
  );
  return `${lines.join('\n')}\nend\n`;
}

/** What the controller serves, with the constants filled in. */
export async function scripts(constants: { url: string; ca: string }): Promise<{ installer: string; agent: string }> {
  const directory = path.join(import.meta.dirname, '..');
  const names = (await readdir(path.join(directory, 'agent'))).filter((name) => name.endsWith('.sh')).toSorted();
  const parts = await Promise.all(names.map(async (name) => readFile(path.join(directory, 'agent', name), 'utf8')));
  const all = { ...constants, version: '0.0.0-test' };
  return {
    agent: assembleAgent(all, parts),
    installer: assembleInstaller(all, await readFile(path.join(directory, 'install.sh'), 'utf8')),
  };
}

export async function testSite(userland: Userland = 'dash'): Promise<TestSite> {
  const hosts = await Promise.all([testHost(), testHost(userland), testHost()]);
  const [gateway, connector, server] = hosts;
  const removeHosts = async (): Promise<void> => void (await Promise.all(hosts.map(async (host) => host.remove())));
  const controller = await contractController(gateway).catch(async (error: unknown) => {
    await removeHosts();
    throw error;
  });
  const removeAll = async (): Promise<void> => {
    await controller.remove();
    await removeHosts();
  };
  const profile = profileOf(controller);
  const served = { ...(await scripts(controller)), token, profile, desired: desired(1) };
  try {
    await wire(gateway, 'wan0', '203.0.113.1/24', connector, 'wan0', '203.0.113.2/24');
    await wire(connector, 'lan0', '10.0.0.10/18', server, 'lan0', '10.0.0.20/18');
    await connector.must('ip route add default via 203.0.113.1; echo 0 > /proc/sys/net/ipv4/ip_forward');
    for (const lane of ['c', 'h', 'd'] as const)
      await gateway.must(
        `ip tuntap add dev ${laneDevice(lane)} mode tun; ip addr add 100.96.0.1/32 dev ${laneDevice(lane)}; ip link set ${laneDevice(lane)} up; echo 2 >/proc/sys/net/ipv4/conf/${laneDevice(lane)}/rp_filter`,
      );
    await gateway.must('ip route add 100.96.0.0/11 dev cwtest; ip route add 10.0.0.0/18 dev cwtest');
    await writeFile(`${controller.directory}/arrived.sh`, arrived(controller.directory));
    await writeFile(`${controller.directory}/DEFAULT`, 'ifconfig-push 100.96.0.100 255.224.0.0\niroute 0.0.0.0 0.0.0.0\n');
    await controller.set(served);
  } catch (error) {
    await removeAll();
    throw error;
  }
  const site: TestSite = {
    gateway,
    connector,
    server,
    controller,
    install: async (parameters) =>
      connector.run(`curl -fsSk https://203.0.113.1:8443/connector/install.sh | sh -s -- ${parameters}`),
    installForeground: async (options = {}) => {
      const child = connector.spawn(
        [
          'sh',
          '-c',
          `curl -fsSk https://203.0.113.1:8443/connector/install.sh | ${options.environment ?? ''} sh -s -- ${token} --foreground`,
        ],
        { ipc: false },
      );
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      if (options.wait !== false) {
        await until('the tunnel is up', async () => Promise.resolve(text.includes('tunnel up')), 40_000).catch(
          async (cause: unknown) => {
            const log = await connector.run(
              'cat /run/causeway-connector/causeway0.log; cat /run/causeway-connector/problems/*; ip addr; ip route',
            );
            throw new Error(`${String(cause)}\n${text}\n${log.stdout}${log.stderr}`);
          },
        );
      }
      return {
        output: () => text,
        exited,
        stop: async () => {
          await connector.run('kill "$(cat /run/causeway-connector/agent.pid)"');
          await exited;
        },
      };
    },
    startLane: async (lane = 'c') =>
      void (await gateway.must(
        `openvpn --cd ${controller.directory} --mode server --tls-server --dev ${laneDevice(lane)} --dev-type tun --topology subnet --ifconfig 100.96.0.1 255.224.0.0 ` +
          `--ifconfig-noexec --route-noexec --proto udp --port ${String(lanePorts[lane])} --script-security 2 --client-connect "/bin/sh arrived.sh" ` +
          '--ca ca.crt --cert lane.crt --key lane.key --dh none --client-config-dir . --keepalive 5 20 ' +
          `--push "topology subnet" --disable-dco --duplicate-cn --verb 3 --log-append ${lane}.log --daemon --writepid ${controller.directory}/${lane}.pid`,
      )),
    stopLane: async (lane = 'c') => void (await gateway.must(`kill -KILL "$(cat ${controller.directory}/${lane}.pid)"`)),
    busyLane: async (lane, busy) =>
      void (await gateway.must(`${busy ? 'touch' : 'rm'} ${controller.directory}/${laneDevice(lane)}.busy`)),
    seen: controller.seen,
    profile,
    served,
    [Symbol.asyncDispose]: removeAll,
  };
  await site.startLane();
  return site;
}

function laneDevice(lane: LaneName): string {
  return lane === 'c' ? 'cwtest' : `cwtest-${lane}`;
}

/**
 * What a lane does at CONNECT, as a gateway must: it moves the routes when the first packet has come out of the new tunnel, and not before,
 * since the client takes none until its own side is complete.
 */
function arrived(directory: string): string {
  return `[ ! -e "${directory}/$dev.busy" ] || exit 1
heard() { awk -v device="$dev:" '$1 == device { print $3 }' /proc/net/dev; }
before=$(heard)
{ until [ "$(heard)" != "$before" ]; do sleep 0.01; done
  printf 'route replace %s dev %s\\n' 100.96.0.100/32 "$dev" 10.0.0.0/18 "$dev" | ip -batch -
} </dev/null >/dev/null 2>&1 &
`;
}

async function wire(a: TestHost, aName: string, aAddress: string, b: TestHost, bName: string, bAddress: string): Promise<void> {
  await cable(a, aName, b, bName);
  await a.must(`ip addr add ${aAddress} dev ${aName}`);
  await b.must(`ip addr add ${bAddress} dev ${bName}`);
}

/** cable joins two hosts by a pair of devices, up and without addresses. */
export async function cable(a: TestHost, aName: string, b: TestHost, bName: string): Promise<void> {
  const peer = ['type', 'veth', 'peer', 'name', bName, 'netns', String(b.pid)];
  // In the one's network but with our view of processes, so that the other can be named by its pid.
  execFileSync('nsenter', ['--target', String(a.pid), '--net', 'ip', 'link', 'add', aName, ...peer]);
  await a.must(`ip link set ${aName} up`);
  await b.must(`ip link set ${bName} up`);
}

/** Of the same words as core/profile.ts writes, certificate included, which the agent replaces by its own. */
function profileOf(controller: ContractController): string {
  return [
    'setenv FRIENDLY_NAME "HQ Network"',
    'client',
    'dev tun',
    'nobind',
    'persist-tun',
    'persist-key',
    'resolv-retry infinite',
    'connect-retry 1 5',
    'server-poll-timeout 4',
    'auth-retry nointeract',
    'remote-cert-tls server',
    'verify-x509-name causeway-gateway name',
    'tls-version-min 1.2',
    'data-ciphers AES-256-GCM:CHACHA20-POLY1305',
    'reneg-sec 0',
    'explicit-exit-notify 1',
    'push-peer-info',
    'verb 3',
    'remote 203.0.113.1 1194 udp',
    `<ca>\n${controller.ca.trim()}\n</ca>`,
    `<cert>\n${controller.ca.trim()}\n</cert>`,
    '',
  ].join('\n');
}
