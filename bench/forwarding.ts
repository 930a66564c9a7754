/**
 * Forwarding: TCP throughput of Causeway against hand-written raw openvpn (one server daemon, ccd, iroute, kernel routes, masquerade on the
 * connector, no agent) on hosts of the same shapes in the same run (design.md 12: at least 0.95 of it). One hop is between the gateway
 * and Bob, two are Bob, gateway, connector, server. Runs are interleaved, and who goes first changes, so that neither has the better
 * moments of the machine; each ratio is of two runs side by side. Small segments show what a packet costs, large ones what a byte costs.
 * The idle tunnels of the other world cost nothing. Needs root. `--json` for programs.
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

async function main(): Promise<void> {
  progress('building the two worlds ...');
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
