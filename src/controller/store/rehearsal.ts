import { sql } from 'kysely';
import type { ImpactAnswer } from '../../contract/api/impact.ts';
import type { Impact } from '../../core/impact/impact.ts';
import { impactOf, noImpact } from '../../core/impact/impact.ts';
import { impactSentences } from '../../core/impact/impact-sentences.ts';
import type { LiveTunnel } from '../../core/impact/live-ends.ts';
import type { GatewayId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { LaneId } from '../../core/lanes.ts';
import { gatewayReports } from '../domain/live-session.ts';
import type { ModelTrx } from './database.ts';
import { readModel } from './load-model.ts';

/** Rehearsed is thrown in place of a commit, so that everything is taken back; it carries what the change would have done. */
export class Rehearsed extends Error {
  override readonly name = 'Rehearsed';
  readonly impact: ImpactAnswer;
  constructor(impact: ImpactAnswer) {
    super('the change was tried out and taken back');
    this.impact = impact;
  }
}

/** So many prefixes of each kind are told; a network with 1,000 prefixes that goes would else tell them for each router. */
const listedPrefixes = 50;

/**
 * readRehearsal reads what a change is compared with, before it is made; `end` reads the model as the change has left it, and throws Rehearsed.
 * A fixed number of queries. The row lock on wpc is held meanwhile, as by the change itself: what is told is what would have been.
 */
export async function readRehearsal(trx: ModelTrx): Promise<{ readonly end: (changed: boolean) => Promise<never> }> {
  const { model: before, sites } = await readModel(trx);
  // One gateway carries everybody in this version; where several are known, the oldest (as in trace/read-trace-input.ts).
  const [site] = sites;
  const tunnels = site === undefined ? [] : await readTunnels(trx, site.id);
  const { now, gateway_addresses } = await trx
    .selectNoFrom([
      sql<Date>`now()`.as('now'),
      sql<AddressText[]>`array(select distinct unnest(gateway.public_addresses) from gateway order by 1)`.as('gateway_addresses'),
    ])
    .executeTakeFirstOrThrow();
  return {
    end: async (changed) => {
      if (!changed) throw new Rehearsed({ revision: before.revision, changes: false, sentences: [], ...told(noImpact) });
      const { model: after } = await readModel(trx);
      const question = { before, after, site, tunnels, gatewayAddresses: gateway_addresses, now: now.getTime() };
      const impact = impactOf(question);
      throw new Rehearsed({
        revision: before.revision,
        changes: true,
        sentences: impactSentences(impact),
        ...told(impact),
      });
    },
  };
}

function told({ access, routers, ...impact }: Impact): Omit<ImpactAnswer, 'revision' | 'changes' | 'sentences'> {
  return {
    ...impact,
    // The serialiser's types want lists that could be written to.
    internet: [...impact.internet],
    access: access.map(({ prefixes, ...each }) => ({
      ...each,
      prefixes: prefixes.slice(0, listedPrefixes),
      prefixesTotal: prefixes.length,
    })),
    routers: routers.map(({ added, removed, ...each }) => ({
      ...each,
      added: added.slice(0, listedPrefixes),
      addedTotal: added.length,
      removed: removed.slice(0, listedPrefixes),
      removedTotal: removed.length,
    })),
  };
}

/** Tunnels of a gateway that is silent are not believed (domain/live-session.ts); the later of two of one end comes last. */
async function readTunnels(trx: ModelTrx, gateway: GatewayId): Promise<LiveTunnel[]> {
  const rows = await trx
    .selectFrom('session')
    .innerJoin('gateway', 'gateway.id', 'session.gateway_id')
    .select(['session.connector_id', 'session.device_id', 'session.serial', 'session.lane'])
    .select(
      sql<boolean>`exists (
        select from agent_credential where agent_credential.connector_id = session.connector_id and agent_credential.expires_at > now())`.as(
        'runs_agent',
      ),
    )
    .where('session.state', '=', 'established')
    .where('session.gateway_id', '=', gateway)
    .where(gatewayReports())
    .orderBy('session.started_at')
    .execute();
  return rows.flatMap(({ connector_id, device_id, serial, lane, runs_agent }): LiveTunnel[] => {
    const tunnel = { serial, lane: lane as LaneId, runsAgent: runs_agent };
    if (connector_id !== null) return [{ ...tunnel, endpoint: `connector:${connector_id}` }];
    return device_id === null ? [] : [{ ...tunnel, endpoint: `device:${device_id}` }];
  });
}
