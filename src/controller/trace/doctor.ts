import { notFound } from '../../contract/errors.ts';
import type { Permission } from '../../contract/permission.ts';
import type { ConnectorId, NetworkId } from '../../core/ids.ts';
import { tryParseAddress } from '../../core/ip/address.ts';
import { containsAddress, strictPrefix } from '../../core/ip/prefix.ts';
import type { WpcModel } from '../../core/model.ts';
import type { ObjectRef } from '../../core/trace/cause.ts';
import { doctorPlan } from '../../core/trace/doctor-plan.ts';
import { examine } from '../../core/trace/examine.ts';
import type { Finding } from '../../core/trace/findings/finding.ts';
import { objectId } from '../domain/object-id.ts';
import type { Actor } from '../principal.ts';
import { everythingOf } from './concern.ts';
import { holds } from './find-ends.ts';
import type { Concern } from './read-trace-input.ts';
import { observeAnew } from './observe-anew.ts';
import type { TraceParts } from './run-trace.ts';

/** Diagnosis is what the doctor found, of which revision and when. */
export type Diagnosis = { readonly revision: number; readonly checkedAt: string; readonly findings: readonly Finding[] };

/**
 * diagnose examines everything that is configured, or what belongs to one network. Where the caller may ask them, agents of a small WPC report
 * anew, and ping their LAN's router where nobody has said whether it knows the way back. Findings about people or hosts are left out for a
 * caller who may not read those.
 */
export async function diagnose(parts: TraceParts, actor: Actor, network: string | undefined): Promise<Diagnosis> {
  const only = network === undefined ? undefined : objectId('network', network);
  const concern = (model: WpcModel): Concern => {
    if (only !== undefined && !model.networks.some(({ id }) => id === only)) throw notFound('network', only);
    return everythingOf(model);
  };
  const input = await observeAnew(parts, actor, concern, doctorPlan);
  const findings = examine(input)
    .filter((finding) => holds(actor, permissionOf[finding.object.kind]))
    .filter((finding) => only === undefined || isOf(input.model, only, finding));
  return { revision: input.model.revision, checkedAt: input.observed.now, findings };
}

const permissionOf = {
  device: 'device:read',
  user: 'user:read',
  'user-group': 'user-group:read',
  host: 'host:read',
  connector: 'network:read',
  network: 'network:read',
  gateway: 'network:read',
  router: 'network:read',
  cloud: 'network:read',
  server: 'network:read',
} as const satisfies Record<ObjectRef['kind'], Permission>;

/** Whether a finding belongs to a network: its object or its machine is the network, one of its connectors, or stands behind it. */
function isOf({ networks, connectors }: WpcModel, id: NetworkId, { object, hop }: Finding): boolean {
  const own = new Set<string>(
    connectors.filter(({ site }) => site.id === id).flatMap((connector) => [connector.id, connectorNode(connector.id)]),
  );
  const prefixes = networks.find((each) => each.id === id)?.prefixes ?? [];
  return [object.id, ...(hop === null ? [] : [hop.id])].some((text) => {
    if (text === id || own.has(text)) return true;
    const address = tryParseAddress(text);
    return address !== undefined && prefixes.some((prefix) => containsAddress(strictPrefix(prefix), address));
  });
}

/** The id of a hop that is a connector (core/trace/node.ts). */
export function connectorNode(id: ConnectorId): string {
  return `connector:${id}`;
}
