/**
 * A change while packets flow: the API call that adds a prefix to a network, until the first packet through it (design.md 12: at most
 * 0.3 s for a connector on a lane of its own), and how many of the pings that are sent meanwhile, one each 5 ms, are lost (none, where
 * our agent runs). The named alternative in the same run is what a gateway without agents has to do: the stock client of a person,
 * which learns a new route only by connecting again. Needs root. `--json` for programs.
 */
import { z } from 'zod';
import { addNetwork } from '../src/lab/actions/add-network.ts';
import { installConnector } from '../src/lab/actions/install-connector.ts';
import type { ConnectedWpc } from '../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc } from '../src/lab/shapes/connected-wpc.ts';
import type { Site, SitePlan } from '../src/lab/shapes/site.ts';
import { buildSite, headquarters } from '../src/lab/shapes/site.ts';
import { awaitCondition } from '../src/lab/await-condition.ts';
import { World } from '../src/lab/world.ts';
import { startPing } from './measure/ping.ts';
import { figure, progress, report } from './report/figures.ts';

const rounds = 5;
const gatewayAddress = '100.96.0.1';
/** 4 s at 5 ms: the change comes soon after their begin. */
const pingsAcross = 800;

const branchPlan: SitePlan = {
  name: 'branch',
  publicSubnet: '198.18.0.',
  prefix: '10.1.0.0/24',
  router: '10.1.0.1',
  connector: '10.1.0.10',
  server: '10.1.0.20',
};

const added = (round: number) => ({ prefix: `10.77.${round}.0/24`, host: `10.77.${round}.20` });

/** The prefixes that will be added lie behind HQ's server, so that nothing but Causeway has to change. */
async function prepareHq({ hq }: ConnectedWpc): Promise<void> {
  await hq.connector.ip(`route add 10.77.0.0/16 via ${headquarters.server}`);
  await hq.server.ip(...Array.from({ length: rounds }, (_, round) => `addr add ${added(round).host}/32 dev lo`));
}

async function awaitBranch(branch: Site): Promise<void> {
  await awaitCondition('the branch reaches HQ', async () => {
    const { code } = await branch.connector.run(['ping', '-c', '1', '-W', '1', headquarters.server]);
    return code === 0 ? true : undefined;
  });
}

async function main(): Promise<void> {
  progress('building HQ, a branch and Bob ...');
  await using world = await World.create();
  const wpc = await buildConnectedWpc(world);
  const branch = await buildSite(world, wpc.internet, branchPlan);
  const branchNetwork = await addNetwork(wpc.administrator, 'Branch', branchPlan.prefix, 'branch-1');
  await installConnector(wpc.administrator, branchNetwork.connector.id, branch.connector);
  await prepareHq(wpc);

  const call: number[] = [];
  const first = { gateway: [] as number[], branch: [] as number[], bob: [] as number[] };
  const lost = { before: [] as number[], branch: [] as number[], bob: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const { prefix, host } = added(round);
    await Promise.all([awaitBranch(branch), awaitPage(wpc, 60_000)]);
    const quiet = await startPing(branch.connector, headquarters.server, pingsAcross).ended;
    lost.before.push(quiet.sent - quiet.received);

    const across = startPing(branch.connector, headquarters.server, pingsAcross);
    const acrossBob = startPing(wpc.bob.computer, headquarters.server, pingsAcross);
    await Promise.all([across.firstAnswer, acrossBob.firstAnswer]);
    const waiting = {
      gateway: startPing(wpc.region.host, host, 10_000, '-I', gatewayAddress),
      branch: startPing(branch.connector, host, 10_000),
      bob: startPing(wpc.bob.computer, host, 10_000),
    };
    const at = Date.now();
    await wpc.administrator.must(z.unknown(), 'POST', `/api/v1/networks/routes?networkId=${wpc.network.id}`, { value: prefix });
    call.push(Date.now() - at);
    for (const who of ['gateway', 'branch', 'bob'] as const) {
      first[who].push((await waiting[who].firstAnswer) - at);
      waiting[who].stop();
    }
    const [passed, passedBob] = await Promise.all([across.ended, acrossBob.ended]);
    lost.branch.push(passed.sent - passed.received);
    lost.bob.push(passedBob.sent - passedBob.received);
    progress(
      `round ${round + 1}: gateway ${first.gateway.at(-1)?.toFixed(0)} ms, branch ${first.branch.at(-1)?.toFixed(0)} ms, Bob ${first.bob.at(-1)?.toFixed(0)} ms, lost ${lost.branch.at(-1)} and ${lost.bob.at(-1)}`,
    );
  }
  report('change', [
    figure('API call until first packet, gateway to the new prefix', 'ms', first.gateway, { atMost: 300 }),
    figure('  from another site, routes told to its agent', 'ms', first.branch, { atMost: 300 }),
    figure('  from a stock client, which connects again (the alternative)', 'ms', first.bob),
    figure('  the API call alone, TLS handshake included', 'ms', call),
    figure(`pings lost of ${pingsAcross} across the change, site to site`, 'pings', lost.branch, { atMost: 0 }),
    figure('  without a change', 'pings', lost.before),
    figure('  stock client, which connects again (the alternative)', 'pings', lost.bob),
  ]);
}

await main();
