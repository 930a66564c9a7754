/**
 * Forwarding: TCP throughput of Causeway against hand-written raw openvpn (one server daemon, ccd, iroute, kernel routes, masquerade on the
 * connector, no agent) on hosts of the same shapes in the same run (design.md 12: at least 0.95 of it). One hop is between the gateway
 * and Bob, two are Bob, gateway, connector, server. Runs are interleaved, and who goes first changes, so that neither has the better
 * moments of the machine; each ratio is of two runs side by side. Small segments show what a packet costs, large ones what a byte costs.
 *
 * Both are measured as tunnels in use, after a warm-up and with a ping each 0.2 s beside: every 15 s openvpn 2.6 looks after its TLS state,
 * and if a packet waits to be sent just then it goes on doing so at every packet until nothing was sent for 2 s (check_tls in its forward.c).
 * That costs a fifth of its CPU. Any flow of some length ends up there, ours sooner, since connectors probe their gateway; short
 * runs on an idle raw tunnel would be compared with long-running ones of ours. Needs root. `--json` for programs.
 */
import type { Host } from '../src/lab/host.ts';
import { buildConnectedWpc } from '../src/lab/shapes/connected-wpc.ts';
import { headquarters } from '../src/lab/shapes/site.ts';
import { World } from '../src/lab/world.ts';
import type { Transfer } from './measure/iperf.ts';
import { startIperf, throughput } from './measure/iperf.ts';
import type { Figure } from './report/figures.ts';
import { figure, progress, ratios, report } from './report/figures.ts';
import { buildRawOpenvpn } from './shapes/raw-openvpn.ts';

const rounds = 5;
/** Longer than the 15 s of openvpn. */
const warmUpSeconds = 16;

type Hosts = { readonly gateway: Host; readonly bob: Host; readonly bobAddress: string; readonly server: Host };

/**
 * The gateway opens the connection to Bob in both directions: from a tunnel it takes no connections (nft-table.ts), but its own are
 * answered.
 */
const paths = {
  'one hop, gateway to client': ({ gateway, bobAddress }) => ({ from: gateway, to: bobAddress, direction: 'there' }),
  'one hop, client to gateway': ({ gateway, bobAddress }) => ({ from: gateway, to: bobAddress, direction: 'back' }),
  'two hops, client to LAN': ({ bob }) => ({ from: bob, to: headquarters.server, direction: 'there' }),
  'two hops, LAN to client': ({ bob }) => ({ from: bob, to: headquarters.server, direction: 'back' }),
  'two hops, client to LAN, 128-byte segments': ({ bob }) => ({
    from: bob,
    to: headquarters.server,
    direction: 'there',
    segmentBytes: 128,
  }),
} satisfies Record<string, (hosts: Hosts) => Transfer>;

async function putInUse({ bob }: Hosts): Promise<void> {
  // Ends with its host.
  bob.start(['ping', '-q', '-i', '0.2', headquarters.server]);
  for (const direction of ['there', 'back'] as const) {
    await throughput({ from: bob, to: headquarters.server, direction }, warmUpSeconds);
  }
}

async function main(): Promise<void> {
  progress('building the two worlds and warming up ...');
  await using rawWorld = await World.create();
  await using world = await World.create();
  const raw = await buildRawOpenvpn(rawWorld);
  const wpc = await buildConnectedWpc(world);
  const causeway: Hosts = {
    gateway: wpc.region.host,
    bob: wpc.bob.computer,
    bobAddress: wpc.bob.device.address,
    server: wpc.hq.server,
  };
  for (const { bob, server } of [raw, causeway]) await Promise.all([startIperf(bob), startIperf(server)]);
  await Promise.all([raw, causeway].map(putInUse));
  const figures: Figure[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const turns = [
        async () => ours.push(await throughput(path(causeway))),
        async () => theirs.push(await throughput(path(raw))),
      ];
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
      progress(`${name}, round ${round + 1}: ${ours.at(-1)?.toFixed(0)} Mbit/s, raw openvpn ${theirs.at(-1)?.toFixed(0)}`);
    }
    figures.push(
      figure(name, 'Mbit/s', ours),
      figure('  raw openvpn (the alternative)', 'Mbit/s', theirs),
      figure('  ratio', 'x raw', ratios(ours, theirs), { atLeast: 0.95 }),
    );
  }
  report('forwarding', figures);
}

await main();
