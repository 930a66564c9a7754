import { wpcRange } from '../shapes/connected-wpc.ts';
import { branch } from '../shapes/site.ts';
import { awaitBroken, awaitPasses, tryFlow } from './checked-flow.ts';
import type { ConformanceFault } from './fault.ts';
import { enterMode } from './mode.ts';
import { observeNow } from './observe-now.ts';
import type { Standing } from './standing.ts';

/**
 * proveFault injects a fault into what works, sees that it breaks, lets `meanwhile` look at it with what a program said whose packets did not pass,
 * takes it back, and sees that everything works again. Takes it back also when it did not break anything.
 */
export async function proveFault(
  standing: Standing,
  fault: ConformanceFault,
  meanwhile: (broken: string) => Promise<void>,
): Promise<void> {
  const works = () => tryFlow(standing, fault.flow);
  await prepare(standing, fault);
  try {
    await fault.inject(standing);
    const { said } = await awaitBroken(() => fault.attempt?.(standing) ?? works());
    await meanwhile(said);
  } finally {
    await takeBack(standing, fault);
  }
  await awaitPasses(works);
}

/** prepare brings about the state into which a fault is injected, sees that its flow passes there, and has the agent see what it compares with. */
export async function prepare(standing: Standing, { mode, flow, expect }: ConformanceFault): Promise<void> {
  await enterMode(standing, mode);
  await awaitPasses(() => tryFlow(standing, flow));
  // What is wrong with a segment shows as a change of link addresses; otherwise the agent looks once a minute.
  if (expect.hop === 'lan') await observeNow(standing);
}

/** What a printed fix may have left in files; and which link addresses the agent has seen, of which it tells for ten minutes (observe.sh). */
const forget = `
  rm -f /etc/sysctl.d/91-causeway-*
  cd /run/causeway-connector
  tries=0
  until mkdir observe.lock 2>/dev/null || [ $tries -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  rm -f neighbours neighbour-changes
  rmdir observe.lock 2>/dev/null || true`;

/** takeBack mends a fault, and also takes away what is left of it and of printed fixes, by which a later fault would look different. */
export async function takeBack(standing: Standing, fault: ConformanceFault): Promise<void> {
  const { holds, hq } = standing;
  await holds.release();
  await fault.mend(standing);
  await hq.connector.must(['sh', '-ec', forget]);
  // A server that has the way to the connector itself needs no router.
  await hq.server.ip(...[wpcRange, branch.prefix].map((prefix) => `route flush exact ${prefix}`));
}
