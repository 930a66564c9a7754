import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Administrator } from '../administrator.ts';
import { awaitCondition } from '../await-condition.ts';
import { captureOn, isSyn, isSynAck } from '../capture.ts';
import type { Host } from '../host.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { expect } from '../scenario.ts';
import { buildInternet } from '../shapes/internet.ts';
import { buildPerson } from '../shapes/person.ts';
import { buildRegion } from '../shapes/region.ts';
import { buildSite, headquarters } from '../shapes/site.ts';

const wpcRange = '100.96.0.0/11';
const hr = { address: headquarters.server, page: 'HR application' };
const tunnelDevice = 'causeway0';
const bobDevice = 'tun0';

/** Section 2 of the tutorial: Bob opens the HR application in HQ, from behind his own router. */
export const remoteAccess: Scenario = {
  name: 'remote-access',
  summary: 'Bob reaches a server in HQ through a connector (RA-1 to RA-22)',
  options: {
    nat: 'the connector hides tunnel addresses behind its own: nothing changes on the LAN (RA-18 to RA-20)',
    'static-route': "the LAN's router knows the way back: real addresses, and the server can also reach Bob (RA-16, RA-17)",
  },
  faults: {
    'FWD-OFF': "the connector's machine does not forward: fails at RA-11",
    'NAT-OFF-NO-ROUTE': 'neither NAT nor a static route: fails at RA-15',
  },
  run: runRemoteAccess,
};

async function runRemoteAccess({ world, option, faults, step, progress }: Stage): Promise<void> {
  progress('building region, HQ and Bob …');
  const internet = await buildInternet(world);
  const [region, hq, bob] = await Promise.all([
    buildRegion(world, internet),
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
  ]);
  await startWebPage(hq.server, hr.page);
  const administrator = await Administrator.signIn(internet.router, region);
  const routed = option === 'static-route' || faults.has('NAT-OFF-NO-ROUTE');
  const staticRoute = option === 'static-route' && !faults.has('NAT-OFF-NO-ROUTE');
  const gateway = new GatewayView(region.host, region.dataDirectory);

  let network = { id: '', connector: '', connectorAddress: '' };
  await step('RA-1', `the administrator adds "HQ Network" with ${headquarters.prefix}`, async () => {
    const made = await administrator.must(networkAnswer, 'POST', '/api/v1/networks', {
      name: 'HQ Network',
      routes: [{ value: headquarters.prefix }],
      connectors: [{ name: 'hq-1', vpnRegionId: 'eu-central-1' }],
    });
    const [connector] = made.connectors;
    expect(connector !== undefined, 'the answer has no connector');
    network = { id: made.id, connector: connector.id, connectorAddress: connector.ipV4Address };
    const overlap = await administrator.call('POST', '/api/v1/networks', { name: 'Twin', routes: [{ value: '10.0.32.0/20' }] });
    expect(
      overlap.status === 400 && overlap.body.includes('HQ Network'),
      `an overlapping prefix got ${overlap.status} ${overlap.body}`,
    );
    return `network ${made.id} has ${made.routes.map((route) => route.subnet).join(', ')}; 10.0.32.0/20 is refused because it overlaps`;
  });

  await step('RA-2', 'the WPC gives its connector a tunnel address and routes the prefix to it', async () => {
    expect(network.connectorAddress === '100.96.0.100', `the connector has ${network.connectorAddress}, not 100.96.0.100`);
    if (routed) await administrator.must(z.unknown(), 'PATCH', `/api/causeway/v1/networks/${network.id}`, { nat: 'routed' });
    return `hq-1 has ${network.connectorAddress}; NAT mode ${routed ? 'routed' : 'masquerade'}`;
  });

  await step('RA-3', 'the connector is installed by the pasted line and connects outward to the region', async () => {
    const token = await administrator.must(
      z.object({ installCommand: z.string() }),
      'POST',
      `/api/causeway/v1/connectors/${network.connector}/install-token`,
    );
    const keepSysctl = faults.has('FWD-OFF') ? ' --keep-sysctl' : '';
    const installer = hq.connector.start(['sh', '-c', `${token.installCommand} --foreground${keepSysctl}`]);
    const said = collect(installer);
    await awaitCondition(
      'the API says that the connector is ONLINE',
      async () => {
        if (installer.exitCode !== null) throw new Error(`the installer ended with ${installer.exitCode}: ${said()}`);
        const { connectionStatus } = await administrator.must(
          z.object({ connectionStatus: z.string() }),
          'GET',
          `/api/v1/networks/connectors/${network.connector}`,
        );
        return connectionStatus === 'ONLINE' ? true : undefined;
      },
      { withinMs: 40_000, everyMs: 250 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said().slice(-3000)}\n--- region ---\n${region.log().slice(-3000)}`);
    });
    const device = await gateway.deviceOf(network.connectorAddress);
    expect(device !== undefined, `the gateway has no route to ${network.connectorAddress}`);
    const prefix = await gateway.deviceOf(hr.address);
    expect(prefix === device, `${hr.address} goes to ${prefix ?? 'nowhere'} on the gateway, not to ${device}`);
    return `ONLINE; on the gateway ${network.connectorAddress} and ${headquarters.prefix} go to ${device}`;
  });

  await step('RA-4', `the connector is given a route for ${wpcRange}`, async () => {
    const routes = await awaitCondition(`${wpcRange} by ${tunnelDevice} on the connector`, async () => {
      const found = await routesOn(hq.connector, tunnelDevice);
      return found.includes(wpcRange) ? found : undefined;
    });
    expect(!routes.includes(headquarters.prefix), 'the connector routes its own LAN into the tunnel');
    return `routes by ${tunnelDevice}: ${routes.join(', ')}`;
  });

  await step('RA-5', 'the tunnel is an interface that carries packets both ways', async () => {
    const route = (await hq.connector.must(['ip', 'route', 'get', '100.96.0.1'])).trim();
    expect(route.includes(`dev ${tunnelDevice}`) && route.includes(network.connectorAddress), `100.96.0.1 goes: ${route}`);
    const ping = await hq.connector.must(['ping', '-c', '2', '-i', '0.2', '-W', '2', '100.96.0.1']);
    return `${route.split('\n')[0]}; ${lineWith(ping, 'received')}`;
  });

  let user = { id: '', group: '' };
  await step('RA-6', 'the administrator adds Bob to a group with split tunnel on', async () => {
    const group = await administrator.must(
      z.object({ id: z.string(), internetAccess: z.string() }),
      'POST',
      '/api/v1/user-groups',
      {
        name: 'Staff',
        internetAccess: 'SPLIT_TUNNEL_ON',
        maxDevice: 3,
        connectAuth: 'NO_AUTH',
        allRegionsIncluded: true,
      },
    );
    const made = await administrator.must(z.object({ id: z.string() }), 'POST', '/api/v1/users', {
      username: 'bob',
      email: 'bob@example.com',
      firstName: 'Bob',
      lastName: 'Jones',
      groupId: group.id,
      role: 'MEMBER',
    });
    user = { id: made.id, group: group.id };
    return `bob is in Staff, internet access ${group.internetAccess}`;
  });

  let bobAddress = '';
  await step('RA-7', "Bob's device gets its profile for the region", async () => {
    const device = await administrator.must(
      z.object({ id: z.string(), ipV4Address: z.string() }),
      'POST',
      `/api/v1/devices?userId=${user.id}`,
      { name: 'laptop' },
    );
    const profile = await administrator.must(
      z.string(),
      'POST',
      `/api/v1/devices/${device.id}/profile?userId=${user.id}&regionId=eu-central-1`,
    );
    bobAddress = device.ipV4Address;
    await bob.computer.must(['sh', '-c', 'umask 077; cat >/root/bob.ovpn'], { input: profile });
    return `a profile of ${profile.length} bytes for ${bobAddress}, handed over (mail is not sent yet)`;
  });

  await step('RA-8', 'on connection Bob receives routes for the WPC and for HQ; his default route stays', async () => {
    const before = (await bob.computer.must(['ip', 'route', 'show', 'default'])).trim();
    const client = bob.computer.start(['openvpn', '--config', '/root/bob.ovpn', '--dev', bobDevice]);
    const said = collect(client);
    const routes = await awaitCondition(
      "Bob's tunnel is up with its routes",
      async () => {
        if (client.exitCode !== null) throw new Error(`openvpn ended with ${client.exitCode}`);
        const found = await routesOn(bob.computer, bobDevice);
        return found.includes(wpcRange) && found.includes(headquarters.prefix) ? found : undefined;
      },
      { withinMs: 20_000 },
    ).catch((error: unknown) => {
      throw new Error(`CLI-NO-ROUTE: ${String(error)}\n${said().slice(-3000)}\n--- region ---\n${region.log().slice(-3000)}`);
    });
    await awaitCondition('the gateway has the way to Bob', () => gateway.deviceOf(bobAddress));
    const after = (await bob.computer.must(['ip', 'route', 'show', 'default'])).trim();
    expect(after === before, `the default route was ${before} and is ${after}`);
    return `routes by ${bobDevice}: ${routes.join(', ')}; default still ${after}`;
  });

  if (staticRoute) await hq.router.ip(`route add ${wpcRange} via ${headquarters.connector}`);
  const bobLane = await gateway.deviceOf(bobAddress);
  const connectorLane = await gateway.deviceOf(hr.address);
  expect(bobLane !== undefined && connectorLane !== undefined, 'a route is gone from the gateway');
  const flow = `tcp port 80 and host ${hr.address}`;
  const captures = await Promise.all([
    captureOn(bob.computer, bobDevice, flow),
    captureOn(region.host, bobLane, flow),
    captureOn(region.host, connectorLane, flow),
    captureOn(hq.connector, tunnelDevice, flow),
    captureOn(hq.connector, 'lan0', flow),
    captureOn(hq.server, 'lan0', flow),
    captureOn(hq.router, 'lan0', flow),
  ]);
  const [atBob, gatewayIn, gatewayOut, tunnel, connectorLan, atServer, atRouter] = captures;
  const request = await bob.computer.run(['curl', '--silent', '--show-error', '--max-time', '3', `http://${hr.address}/`]);

  await step('RA-9', `Bob opens http://${hr.address}/: the packet leaves by the tunnel`, async () => {
    const syn = await atBob.find((packet) => isSyn(packet) && packet.destination === hr.address);
    expect(syn !== undefined, `no SYN to ${hr.address} left by ${bobDevice}`);
    expect(syn.source === bobAddress, `its source is ${syn.source}, not Bob's ${bobAddress}`);
    return `SYN ${syn.source} > ${syn.destination} by ${bobDevice}`;
  });

  await step('RA-10', "the WPC routes it to HQ's connector", async () => {
    const entered = await gatewayIn.find(isSyn);
    expect(entered !== undefined, `the SYN did not reach the gateway's ${bobLane}`);
    const left = await gatewayOut.find(isSyn);
    expect(left !== undefined, `the SYN entered the gateway by ${bobLane} and did not leave by ${connectorLane}`);
    return `in by ${bobLane}, out by ${connectorLane}, TTL ${entered.ttl} > ${left.ttl}`;
  });

  const forwarding = async () => (await hq.connector.must(['cat', '/proc/sys/net/ipv4/ip_forward'])).trim();
  await step('RA-11', 'the connector takes a packet that is not for itself', async () => {
    const arrived = await tunnel.find(isSyn);
    expect(arrived !== undefined, `the SYN did not reach ${tunnelDevice} on the connector`);
    const decision = await hq.connector.run(['ip', 'route', 'get', hr.address, 'from', bobAddress, 'iif', tunnelDevice]);
    const left = await connectorLan.find(isSyn, 300);
    expect(
      decision.code === 0 && left !== undefined,
      `FWD-OFF: the SYN for ${hr.address} arrived on ${tunnelDevice} and the connector dropped it: ip_forward is ${await forwarding()}; ` +
        `"ip route get ${hr.address} from ${bobAddress} iif ${tunnelDevice}": ${(decision.stderr || decision.stdout).trim()}\n` +
        'mend: sysctl -w net.ipv4.ip_forward=1 on hq-connector, or install without --keep-sysctl',
    );
    return `${decision.stdout.trim().split('\n')[0]}`;
  });

  await step('RA-12', 'it is configured as a router, now and after a reboot', async () => {
    const file = await hq.connector.run(['grep', '-rlE', '^net.ipv4.ip_forward *= *1', '/etc/sysctl.d', '/etc/sysctl.conf']);
    expect((await forwarding()) === '1', 'ip_forward is 0');
    expect(file.stdout.trim() !== '', 'no file in /etc/sysctl.d turns forwarding on after a reboot');
    return `ip_forward is 1, kept in ${file.stdout.trim().split('\n').join(', ')}`;
  });

  await step('RA-13', 'it forwards the packet to the HR server, with one TTL less', async () => {
    const [arrived, left] = [await tunnel.find(isSyn), await connectorLan.find(isSyn)];
    expect(arrived !== undefined && left !== undefined, 'the SYN did not leave by lan0');
    expect(left.ttl === arrived.ttl - 1, `TTL ${arrived.ttl} on ${tunnelDevice} and ${left.ttl} on lan0`);
    return `SYN ${left.source} > ${left.destination} by lan0`;
  });

  const macs = { router: await macOf(hq.router, 'lan0'), connector: await macOf(hq.connector, 'lan0') };
  const source = routed ? bobAddress : headquarters.connector;
  await step('RA-14', 'the server gets the request and answers', async () => {
    const syn = await atServer.find(isSyn);
    expect(syn !== undefined, 'no SYN reached the server');
    expect(syn.source === source, `the server sees ${syn.source}, not ${source}`);
    const answer = await atServer.find(isSynAck);
    expect(answer !== undefined, 'the server sent no SYN-ACK');
    const towards =
      answer.macDestination === macs.router
        ? 'the router'
        : answer.macDestination === macs.connector
          ? 'the connector'
          : 'a stranger';
    return `SYN from ${syn.source}; SYN-ACK to ${answer.destination} handed to ${towards}`;
  });

  await step('RA-15', 'the answer is not lost at the router', async () => {
    const met = await atRouter.find((packet) => isSynAck(packet) && packet.macDestination === macs.router, routed ? 1000 : 300);
    if (!routed) {
      expect(met === undefined, 'the router met the answer although NAT is on');
      return 'the router is not on the way: the answer goes straight to the connector';
    }
    expect(met !== undefined, 'the SYN-ACK did not reach the router');
    const returned = await connectorLan.find((packet) => isSynAck(packet) && packet.macDestination === macs.connector);
    const way = (await hq.router.run(['ip', 'route', 'get', bobAddress])).stdout.trim().split('\n')[0] ?? '';
    expect(
      returned !== undefined,
      `NAT-OFF-NO-ROUTE: the SYN-ACK for ${bobAddress} reached HQ's router, which has no route to ${wpcRange} ("${way}") and lost it; ` +
        'nothing came back to the connector\n' +
        `mend: ip route add ${wpcRange} via ${headquarters.connector} on hq-router, or NAT mode masquerade for HQ Network`,
    );
    return `the router sends it on: ${way}`;
  });

  if (option === 'static-route') {
    await step('RA-16', `the router has a static route for ${wpcRange} to the connector`, async () => {
      const route = (await hq.router.must(['ip', 'route', 'show', wpcRange])).trim();
      expect(route.includes(`via ${headquarters.connector}`), `the router's route is "${route}"`);
      return route;
    });
    await step('RA-17', 'the answer goes to the connector; the server can also start', async () => {
      const back = await tunnel.find(isSynAck);
      expect(back !== undefined, `the SYN-ACK did not leave by ${tunnelDevice}`);
      const ping = await hq.server.must(['ping', '-c', '2', '-i', '0.2', '-W', '2', bobAddress]);
      return `SYN-ACK ${back.source} > ${back.destination} by ${tunnelDevice}; the server pings Bob: ${lineWith(ping, 'received')}`;
    });
  } else {
    await step('RA-18', 'the connector translates the source', async () => {
      const rules = await hq.connector.must(['nft', 'list', 'table', 'inet', 'causeway_connector']);
      const masquerade = rules.split('\n').find((line) => /counter packets [1-9]\d* .*masquerade/.test(line));
      expect(masquerade !== undefined, `no masquerade rule has counted a packet:\n${rules}`);
      return masquerade.trim();
    });
    await step('RA-19', 'the server answers straight to the connector', async () => {
      const answer = await atServer.find(isSynAck);
      expect(answer?.macDestination === macs.connector, `the SYN-ACK went to ${answer?.macDestination ?? 'nobody'}`);
      const seen = atRouter.packets.filter((packet) => packet.macDestination === macs.router);
      expect(seen.length === 0, 'the router saw packets of the flow');
      return `SYN-ACK to ${answer.destination} at the connector's MAC; the router saw nothing of the flow`;
    });
    await step('RA-20', 'the connector translates back', async () => {
      const [lan, back] = [await connectorLan.find(isSynAck), await tunnel.find(isSynAck)];
      expect(lan?.destination === headquarters.connector, `on lan0 the destination is ${lan?.destination ?? 'unseen'}`);
      expect(back?.destination === bobAddress, `on ${tunnelDevice} the destination is ${back?.destination ?? 'unseen'}`);
      return `destination ${lan.destination} on lan0, ${back.destination} on ${tunnelDevice}`;
    });
  }

  await step('RA-21', 'the answer reaches the WPC', async () => {
    const entered = await gatewayOut.find(isSynAck);
    expect(entered !== undefined, `no SYN-ACK came in by ${connectorLane}`);
    return `SYN-ACK in by ${connectorLane}`;
  });

  await step('RA-22', 'and Bob has his page', async () => {
    const answered = await atBob.find(isSynAck);
    expect(answered !== undefined, `no SYN-ACK reached ${bobDevice}`);
    expect(request.code === 0 && request.stdout.includes(hr.page), `curl: exit ${request.code} ${request.stderr.trim()}`);
    return `"${request.stdout.trim()}"`;
  });
}

const networkAnswer = z.object({
  id: z.string(),
  routes: z.array(z.object({ subnet: z.string() })),
  connectors: z.array(z.object({ id: z.string(), ipV4Address: z.string() })),
});

/** GatewayView reads the gateway's own routing table, as `ip` shows it on the region's host. */
class GatewayView {
  readonly #host: Host;
  readonly #table: number;

  constructor(host: Host, dataDirectory: string) {
    this.#host = host;
    const installation = z
      .object({ number: z.int() })
      .parse(JSON.parse(readFileSync(join(dataDirectory, 'installation.json'), 'utf8')));
    this.#table = 9600 + installation.number;
  }

  /** The lane's device that an address is routed to; undefined when it is not routed. */
  async deviceOf(address: string): Promise<string | undefined> {
    const { stdout } = await this.#host.run(['ip', '-j', 'route', 'show', 'table', String(this.#table), 'match', address]);
    if (stdout.trim() === '') return undefined;
    const routes = z.array(z.object({ dst: z.string(), dev: z.string().optional() })).parse(JSON.parse(stdout));
    return routes.find((route) => route.dst !== 'default')?.dev;
  }
}

async function startWebPage(host: Host, text: string): Promise<void> {
  const server = host.start([process.execPath, join(import.meta.dirname, '..', 'services', 'web-page.ts'), '80', text]);
  const said = collect(server);
  await awaitCondition('the web page listens', () => (said().includes('listening') ? true : undefined), { everyMs: 20 });
}

function collect(child: { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
  }
  return () => text;
}

async function routesOn(host: Host, device: string): Promise<readonly string[]> {
  const { stdout } = await host.run(['ip', '-j', 'route', 'show', 'dev', device]);
  if (stdout.trim() === '') return [];
  return z
    .array(z.object({ dst: z.string() }))
    .parse(JSON.parse(stdout))
    .map((route) => route.dst);
}

async function macOf(host: Host, device: string): Promise<string> {
  return (await host.must(['cat', `/sys/class/net/${device}/address`])).trim();
}

function lineWith(text: string, word: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.includes(word))
      ?.trim() ?? ''
  );
}
