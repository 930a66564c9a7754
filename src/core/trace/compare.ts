import type { UserGroupId } from '../ids.ts';
import type { Device, UserGroup } from '../model.ts';
import { flowVerdict } from './check-flow.ts';
import type { FlowQuestion, TraceEnd } from './flow-packet.ts';
import { asAgentsWould, withConnected } from './hypothesis.ts';
import type { TraceInput } from './input.ts';
import type { Verdict } from './words.ts';

/** Service is what groups may want to reach: an address with protocol and port. */
export type Service = TraceEnd & Pick<FlowQuestion, 'protocol' | 'port'>;

/** PairVerdict is whether the people of a group reach a service. */
export type PairVerdict = { readonly group: UserGroup; readonly service: Service; readonly verdict: Verdict };

/** VerdictTable holds a verdict for each pair, by position; groups without a device have none. */
export type VerdictTable = {
  readonly groups: readonly UserGroup[];
  readonly services: readonly Service[];
  readonly verdict: (group: number, service: number) => Verdict | null;
};

/**
 * verdictsOf traces all group × service pairs. A group is represented by one of its devices, as if that were connected. Groups whose internet
 * access is the same have the same row: nothing else of a group decides about a packet of its people (the WPC is a full mesh), so there is one
 * walk for each kind of group and service, and not one for each pair.
 */
export function verdictsOf(input: TraceInput, services: readonly Service[]): VerdictTable {
  const groups = input.model.userGroups;
  const devices = deviceOfGroup(input);
  const asIf = withConnected(input, [...devices.values()]);
  const rows = new Map<string, readonly Verdict[]>();
  const rowOf = groups.map((group) => {
    const device = devices.get(group.id);
    if (device === undefined) return null;
    const kind = JSON.stringify(group.internet);
    const known = rows.get(kind);
    if (known !== undefined) return known;
    const source: TraceEnd = { object: { kind: 'user-group', id: group.id, label: group.name }, address: device.address };
    const row = services.map(({ protocol, port, ...destination }) =>
      flowVerdict(asIf, { source, destination, protocol, port, bytes: 84, dontFragment: false }),
    );
    rows.set(kind, row);
    return row;
  });
  return { groups, services, verdict: (group, service) => rowOf[group]?.[service] ?? null };
}

function deviceOfGroup({ model }: TraceInput): ReadonlyMap<UserGroupId, Device> {
  const groupOf = new Map(model.users.filter(({ suspended }) => !suspended).map(({ id, group }) => [id, group]));
  const found = new Map<UserGroupId, Device>();
  for (const device of model.devices) {
    const group = groupOf.get(device.user);
    if (group !== undefined && !found.has(group)) found.set(group, device);
  }
  return found;
}

/** ChangeEffect is what a change of the model does to all pairs: which flows break, and which open. */
export type ChangeEffect = {
  readonly checked: number;
  readonly breaks: readonly PairVerdict[];
  readonly opens: readonly PairVerdict[];
  /** Neither: for example from `unknown` to `broken`. */
  readonly others: readonly (PairVerdict & { readonly before: Verdict })[];
};

/** compareModels gives the difference in verdicts over the same pairs before and after; groups are told apart by their ids. */
export function compareModels(before: TraceInput, after: TraceInput, services: readonly Service[]): ChangeEffect {
  const [old, young] = [verdictsOf(before, services), verdictsOf(asAgentsWould(before, after), services)];
  const oldGroups = new Map(old.groups.map(({ id }, index) => [id, index]));
  const breaks: PairVerdict[] = [];
  const opens: PairVerdict[] = [];
  const others: (PairVerdict & { readonly before: Verdict })[] = [];
  let checked = 0;
  for (const [row, group] of young.groups.entries()) {
    for (const [column, service] of services.entries()) {
      const verdict = young.verdict(row, column);
      const oldRow = oldGroups.get(group.id);
      const was = oldRow === undefined ? null : old.verdict(oldRow, column);
      if (verdict === null) continue;
      checked += 1;
      if (verdict === was) continue;
      const pair = { group, service, verdict };
      if (verdict === 'works') opens.push(pair);
      else if (was === 'works') breaks.push(pair);
      else if (was !== null) others.push({ ...pair, before: was });
    }
  }
  return { checked, breaks, opens, others };
}
