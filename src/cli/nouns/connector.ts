import { connectorRequest, connectorUpdate, hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import type { HostConnector, NetworkConnector } from '../../contract/api/connector.ts';
import type { ConnectorState } from '../../contract/api/connector-state.ts';
import { drainRoutes } from '../../contract/api/connector-state.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { observationRoutes } from '../../contract/api/observation.ts';
import { fullName } from '../find-named.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import { actionVerb, createVerb, deleteVerb, setVerb } from './change-verbs.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import { installVerb } from './install-verb.ts';
import type { Noun } from './noun.ts';
import { profileVerb } from './profile-verb.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, pagesOf, showVerb } from './read-verbs.ts';
import type { Thing } from './thing.ts';
import { descriptionField, nameIsArgument, onlyOne, regionField, renameField } from './words.ts';

/** What of its state is not known of a connector that stands at a host. */
type ShownConnector = (NetworkConnector | HostConnector) & Partial<ConnectorState>;

const common = {
  description: descriptionField,
  vpnRegionId: regionField,
  tunnelingProtocol: onlyOne,
  ipSecConfig: { without: 'IPsec is not in this version' },
};

const createFields: FieldTable<typeof connectorRequest> = { ...common, name: nameIsArgument };
const setFields: FieldTable<typeof connectorUpdate> = { ...common, name: renameField };

const shown: Shown<ShownConnector> = {
  kind: 'connector',
  read: readConnector,
  rows: (connector, _nameOf, { of = '', site = 'network' }) => [
    ['name', connector.name],
    ['id', connector.id],
    [site, of],
    ['description', connector.description],
    ['region', connector.vpnRegionId],
    ['address', connector.ipV4Address],
    ['connection', connector.connectionStatus],
    ['role', connector.role ?? ''],
    ['health', connector.health === undefined ? '' : `${connector.health}: ${connector.healthReason ?? ''}`],
    ['lane', connector.lane ?? ''],
    ['probe target', connector.probeTarget ?? ''],
    ['round trip', typeof connector.roundTripMs === 'number' ? `${String(connector.roundTripMs)} ms` : ''],
  ],
};

export const connectorNoun: Noun = {
  word: 'connector',
  description: 'machines that hold the tunnels of networks and hosts',
  verbs: [
    listVerb({
      description: 'list the connectors of all networks and hosts',
      fetch: async (choice) => [
        ...(await pagesOf(networkConnectorRoutes.list, choice)),
        ...(await pagesOf(hostConnectorRoutes.list, choice)),
      ],
      mentions: ['network', 'host'],
      columns: [
        ['NAME', ({ name }) => name],
        ['NETWORK OR HOST', ({ networkItemId, networkItemType }, nameOf) => nameOf(siteOf(networkItemType), networkItemId)],
        ['CONNECTION', ({ connectionStatus }) => connectionStatus],
        ['ADDRESS', ({ ipV4Address }) => ipV4Address],
        ['REGION', ({ vpnRegionId }) => vpnRegionId],
      ],
      empty: 'There is no connector yet; causeway connector create NAME --network NETWORK makes one.',
    }),
    showVerb(shown),
    createVerb<typeof networkConnectorRoutes.create | typeof hostConnectorRoutes.create>({
      kind: 'connector',
      description: 'add a connector to a network or a host',
      to: [
        { kind: 'network', query: 'networkId', route: networkConnectorRoutes.create },
        { kind: 'host', query: 'hostId', route: hostConnectorRoutes.create },
      ],
      field: 'name',
      fields: fieldOptions(connectorRequest, createFields),
      idOf: ({ id }) => id,
      says: ({ ipV4Address }) => [ipV4Address],
      next: (name) => `Next: causeway connector install ${name}`,
    }),
    setVerb({
      dryRun: true,
      kind: 'connector',
      route: (thing) => routesOf(thing).update,
      fields: fieldOptions(connectorUpdate, setFields),
    }),
    installVerb,
    profileVerb({ kind: 'connector', route: (thing) => routesOf(thing).profile }),
    actionVerb({
      word: 'setup-token',
      kind: 'connector',
      description: 'print a set-up token for openvpn-connector-setup; who has it can connect',
      route: (thing) => routesOf(thing).encryptProfile,
      says: (_connector, token) => token.trim(),
    }),
    actionVerb({
      word: 'observations',
      kind: 'connector',
      description: "print what a connector's agent has last reported of its machine, as it was received",
      route: () => observationRoutes.list,
      says: (_connector, sections) =>
        sections.length === 0
          ? 'It has reported nothing yet.'
          : sections.flatMap(({ section, observedAt, body }) => [
              `== ${section}, ${observedAt}`,
              // A tab would be shown as an escape sequence, like every other control character.
              ...body.trimEnd().replaceAll('\t', '  ').split('\n'),
            ]),
    }),
    actionVerb({
      word: 'drain',
      kind: 'connector',
      description: 'send new traffic to the other connectors of its network, before its machine is switched off',
      route: () => drainRoutes.drain,
      says: (connector, { warning }) =>
        `${fullName(connector)} is draining${warning === null ? ': new traffic goes to the other connectors, what it has stays' : ''}`,
      warns: ({ warning }) => warning,
    }),
    actionVerb({
      word: 'resume',
      kind: 'connector',
      description: 'let a drained connector take traffic again',
      route: () => drainRoutes.resume,
      says: (connector) => `${fullName(connector)} takes traffic again`,
    }),
    actionVerb({
      dryRun: true,
      word: 'activate',
      kind: 'connector',
      description: 'let a suspended connector connect again',
      route: (thing) => routesOf(thing).activate,
      says: (connector) => `${fullName(connector)} may connect`,
    }),
    actionVerb({
      dryRun: true,
      word: 'suspend',
      kind: 'connector',
      description: 'cut a connector off, until it is activated',
      route: (thing) => routesOf(thing).suspend,
      cuts: (connector) => `This cuts ${fullName(connector)} at once: nothing passes through it until it is activated.`,
      says: (connector) => `${fullName(connector)} is suspended`,
    }),
    deleteVerb({
      dryRun: true,
      shown,
      route: (thing) => routesOf(thing).remove,
      description: 'delete a connector; it can never connect again',
      cuts: ({ connectionStatus }) => [`Its tunnel is cut (${connectionStatus}), and it can never connect again.`],
    }),
  ],
};

function routesOf({ site }: Thing): typeof networkConnectorRoutes | typeof hostConnectorRoutes {
  return site === 'host' ? hostConnectorRoutes : networkConnectorRoutes;
}

function siteOf(type: 'NETWORK' | 'HOST'): 'network' | 'host' {
  return type === 'NETWORK' ? 'network' : 'host';
}

/** Role and health are told with the connectors of a network only. */
async function readConnector(choice: ServerChoice, { id, site, ofId = '' }: Thing): Promise<ShownConnector> {
  if (site === 'host') return await callRoute(choice, hostConnectorRoutes.read, { parameters: { id } });
  const { connectors } = await callRoute(choice, networkDetailsRoutes.read, { parameters: { id: ofId } });
  return (
    connectors.find((connector) => connector.id === id) ??
    (await callRoute(choice, networkConnectorRoutes.read, { parameters: { id } }))
  );
}
