import { z } from 'zod';
import { awaitCondition } from '../await-condition.ts';
import type { Host } from '../host.ts';
import type { Standing } from './standing.ts';

const observations = z.array(z.object({ section: z.string(), observedAt: z.iso.datetime() }));

/**
 * The file for which the agent's third loop reports (connector/agent/observe.sh), otherwise once a minute; and the end of the pause of two seconds
 * after which it looks, so that nobody has to wait for that.
 */
const wake =
  'kill -0 "$(cat /run/causeway-connector/agent.pid)" && touch /run/causeway-connector/observe-now && { pkill -f "^sleep 2$" || :; }';

/** observeNow has the connectors report what their machines look like now; one whose agent does not run cannot. */
export async function observeNow(standing: Standing): Promise<void> {
  const { hq, branch, networks } = standing;
  await Promise.all([
    reports(standing, hq.connector, networks.hq.connector.id),
    reports(standing, branch.connector, networks.branch.connector.id),
  ]);
}

async function reports({ administrator }: Standing, machine: Host, connector: string): Promise<void> {
  const since = Date.now();
  if ((await machine.run(['sh', '-c', wake])).code !== 0) return;
  await awaitCondition(`a report of ${machine.name}`, async () => {
    const sections = await administrator.must(observations, 'GET', `/api/causeway/v1/connectors/${connector}/observations`);
    // The section that holds the clock, and so is never the same as before.
    const agent = sections.find(({ section }) => section === 'agent');
    return agent !== undefined && Date.parse(agent.observedAt) > since ? true : undefined;
  });
}
