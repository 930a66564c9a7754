import type { ProposedChange } from '../../contract/api/what-if.ts';
import { invalidInput, overlap } from '../../contract/errors.ts';
import { assignEgressClasses, egressClassKey } from '../../core/egress-classes.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { InternetAccess } from '../../core/internet-access.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { formatPrefix, overlaps, strictPrefix } from '../../core/ip/prefix.ts';
import type { Network, WpcModel } from '../../core/model.ts';
import { referredId } from '../domain/object-id.ts';
import { shownName } from '../domain/shown-name.ts';
import { parseSitePrefix } from '../domain/site-prefix.ts';

/**
 * withChanges is the model as it would be after these changes, in their order. Nothing is written. Throws what the API would throw for the
 * change itself, with `changes.N.` before the field.
 */
export function withChanges(model: WpcModel, changes: readonly ProposedChange[]): WpcModel {
  const changed = changes.reduce((before, change, index) => withChange(before, change, `changes.${String(index)}.`), model);
  return { ...changed, egressClassNumbers: numbersFor(changed) };
}

function withChange(model: WpcModel, change: ProposedChange, field: string): WpcModel {
  switch (change.kind) {
    case 'add-prefix': {
      const network = networkOf(model, change.networkId, `${field}networkId`);
      const prefix = freePrefix(model, change.prefix, `${field}prefix`);
      return withNetwork(model, { ...network, prefixes: [...network.prefixes, prefix] });
    }
    case 'remove-prefix': {
      const network = networkOf(model, change.networkId, `${field}networkId`);
      const prefix = formatPrefix(parseSitePrefix(`${field}prefix`, change.prefix).prefix);
      if (!network.prefixes.includes(prefix)) {
        const allowed = network.prefixes.slice(0, 20).join(', ') || 'none, it has no prefix';
        throw invalidInput(`${field}prefix`, change.prefix, `is no prefix of network ${shownName(network.name)}`, allowed);
      }
      return withNetwork(model, { ...network, prefixes: network.prefixes.filter((each) => each !== prefix) });
    }
    case 'set-nat':
      return withNetwork(model, { ...networkOf(model, change.networkId, `${field}networkId`), nat: change.nat });
    case 'set-internet-access': {
      const id = referredId('user-group', change.userGroupId);
      const group = model.userGroups.find((each) => each.id === id);
      if (group === undefined) throw unknownId(`${field}userGroupId`, change.userGroupId, 'user group');
      const internet = internetOf(model, change, group.internet, field);
      return { ...model, userGroups: model.userGroups.map((each) => (each === group ? { ...group, internet } : each)) };
    }
    case 'add-network': {
      // Ids of real ones are random; this one only has to differ from all of them.
      const id = `proposed-${String(model.networks.length)}` as NetworkId;
      const network: Network = {
        id,
        name: change.name,
        nat: change.nat,
        prefixes: [],
        internet: { mode: 'SPLIT_TUNNEL_ON' },
        egress: false,
        probeTargets: [],
      };
      const empty = { ...model, networks: [...model.networks, network] };
      return change.prefixes.reduce<WpcModel>((before, text, index) => {
        const prefix = freePrefix(before, text, `${field}prefixes.${String(index)}`);
        const own = networkOf(before, id, field);
        return withNetwork(before, { ...own, prefixes: [...own.prefixes, prefix] });
      }, empty);
    }
  }
}

function networkOf({ networks }: WpcModel, text: string, field: string): Network {
  const wanted = text.toLowerCase();
  const network = networks.find(({ id }) => id === wanted);
  if (network === undefined) throw unknownId(field, text, 'network');
  return network;
}

function unknownId(field: string, text: string, kind: string) {
  return invalidInput(field, text, `is the id of no ${kind}`, `the id of one that exists; list the ${kind}s to see them`);
}

function withNetwork(model: WpcModel, network: Network): WpcModel {
  return { ...model, networks: model.networks.map((each) => (each.id === network.id ? network : each)) };
}

/** The rules of domain/site-prefix.ts against the model at hand, which holds what was proposed before. */
function freePrefix({ networks, tunnelRanges }: WpcModel, text: string, field: string): PrefixText {
  const { prefix } = parseSitePrefix(field, text);
  const range = tunnelRanges.find((each) => overlaps(strictPrefix(each), prefix));
  if (range !== undefined) throw overlap(field, text, { prefix: range, what: 'the WPC (wpc/subnet, the tunnel addresses)' });
  for (const { name, prefixes } of networks) {
    const other = prefixes.find((each) => overlaps(strictPrefix(each), prefix));
    if (other !== undefined) throw overlap(field, text, { prefix: other, what: `network ${shownName(name)}` });
  }
  return formatPrefix(prefix);
}

function internetOf(
  { networks }: WpcModel,
  { internetAccess, gatewaysIds }: Extract<ProposedChange, { kind: 'set-internet-access' }>,
  before: InternetAccess,
  field: string,
): InternetAccess {
  const bypass = before.mode === 'SPLIT_TUNNEL_ON' ? [] : before.bypass;
  const egress = new Map(networks.filter((network) => network.egress).map(({ id }) => [id as string, id]));
  const gateways = gatewaysIds.map((text, index) => {
    const id = egress.get(text.toLowerCase());
    if (id !== undefined) return id;
    throw invalidInput(`${field}gatewaysIds.${String(index)}`, text, 'is no internet gateway', 'ids of networks with egress');
  });
  if (internetAccess !== 'SPLIT_TUNNEL_OFF' && gateways.length > 0) {
    throw invalidInput(`${field}gatewaysIds`, gatewaysIds, `has no effect with ${internetAccess}`, 'an empty list');
  }
  switch (internetAccess) {
    case 'SPLIT_TUNNEL_ON':
      return { mode: internetAccess };
    case 'SPLIT_TUNNEL_OFF':
      return { mode: internetAccess, gateways, bypass };
    case 'RESTRICTED_INTERNET':
      return { mode: internetAccess, bypass };
  }
}

/** As store/egress-class.ts gives them when the change is made. */
function numbersFor({ userGroups, networks, hosts, egressClassNumbers }: WpcModel): WpcModel['egressClassNumbers'] {
  const keys = [...userGroups, ...networks, ...hosts].flatMap(({ internet }) => egressClassKey(internet) ?? []);
  return assignEgressClasses(egressClassNumbers, keys.toSorted());
}
