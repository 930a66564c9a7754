import { Argument } from 'commander';
import type { NetworkDetails } from '../../contract/api/network-details.ts';
import { networkDetailsPatch, networkDetailsRoutes } from '../../contract/api/network-details.ts';
import type { NetworkRoute } from '../../contract/api/network-route.ts';
import { networkRouteRoutes } from '../../contract/api/network-route.ts';
import { networkRequest, networkRoutes, networkUpdate } from '../../contract/api/network.ts';
import { formatPrefix, parsePrefix } from '../../core/ip/prefix.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { afterPart, CliFailure, exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { callRoute } from '../server/call-api.ts';
import { printable } from '../table.ts';
import { createVerb, deleteVerb, setVerb } from './change-verbs.ts';
import { confirm } from './confirm.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import type { Noun, Parsed, Verb } from './noun.ts';
import { networkCheckVerb } from './network-check.ts';
import { verbCommand, yesOption } from './noun.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, pagesOf, showVerb } from './read-verbs.ts';
import { findThing } from './thing.ts';
import { ThingArgument } from './thing-words.ts';
import {
  connectorsText,
  descriptionField,
  gatewaysField,
  internetAccessField,
  listText,
  nameIsArgument,
  onlyOne,
  renameField,
  yesNo,
} from './words.ts';

const common = {
  description: descriptionField,
  internetAccess: internetAccessField,
  egress: { option: 'egress', description: 'it is an internet gateway: internet traffic of others may leave by its connectors' },
  tunnelingProtocol: onlyOne,
  gatewaysIds: gatewaysField,
};

const createFields: FieldTable<typeof networkRequest> = {
  ...common,
  name: nameIsArgument,
  routes: {
    option: 'subnet',
    form: 'PREFIX',
    description: 'a prefix behind it, such as 10.0.0.0/18',
    put: (prefixes) => prefixes.map((value) => ({ value })),
  },
  connectors: {
    option: 'connector',
    form: 'NAME',
    description: 'a connector to make with it',
    put: (names) => names.map((name) => ({ name })),
  },
};

const setFields: FieldTable<typeof networkUpdate> = {
  ...common,
  name: renameField,
  routes: { without: 'add-subnet and remove-subnet change them one by one' },
  connectors: { without: 'a connector is a noun of its own' },
};

/** What is ours about a network, which the vendor's requests do not have. */
const detailFields: FieldTable<typeof networkDetailsPatch> = {
  nat: { option: 'nat', form: 'MODE', description: 'how its connectors hand packets to the LAN' },
  probeTargets: {
    option: 'probe-target',
    form: 'ADDRESS',
    description: 'an address behind it that is pinged through its connectors',
  },
};

const shown: Shown<NetworkDetails> = {
  kind: 'network',
  mentions: ['network'],
  read: async (choice, { id }) => await callRoute(choice, networkDetailsRoutes.read, { parameters: { id } }),
  rows: (network, nameOf) => [
    ['name', network.name],
    ['id', network.id],
    ['description', network.description],
    ['subnets', network.routes.map(({ subnet, description }) => (description === '' ? subnet : `${subnet}  ${description}`))],
    ['nat', network.nat],
    [
      'connectors',
      network.connectors.map(({ name, connectionStatus, ipV4Address, role, health, healthReason }) =>
        [name, connectionStatus, ipV4Address, role, ...(health === 'not-probed' ? [] : [`${health}: ${healthReason}`])].join(
          '  ',
        ),
      ),
    ],
    ['serving', network.serving.map(({ gatewayRegion, reason }) => `${gatewayRegion}: ${reason}`)],
    ['probe targets', network.probeTargets.length === 0 ? 'the router that each connector reports' : network.probeTargets],
    ['internet access', network.internetAccess],
    ['by internet gateways', network.gatewaysIds.map((id) => nameOf('network', id))],
    ['internet gateway', yesNo(network.egress)],
    ['used by', network.usedBy.map(({ kind, name }) => `${kind} ${name}`)],
    ['warnings', network.warnings.map(({ message }) => message)],
  ],
};

export const networkNoun: Noun = {
  word: 'network',
  description: 'sites: prefixes behind connectors',
  verbs: [
    listVerb({
      description: 'list networks with their prefixes and connectors',
      fetch: async (choice, query) => await pagesOf(networkRoutes.list, choice, query),
      columns: [
        ['NAME', ({ name }) => name],
        ['SUBNETS', ({ routes }) => listText(routes.map(({ subnet }) => subnet))],
        ['CONNECTORS', ({ connectors }) => connectorsText(connectors)],
        ['INTERNET ACCESS', ({ internetAccess, egress }) => (egress ? `${internetAccess}, internet gateway` : internetAccess)],
      ],
      empty: 'There is no network yet; causeway network create NAME --subnet PREFIX makes one.',
    }),
    showVerb(shown),
    createVerb({
      kind: 'network',
      description: 'make a network',
      to: networkRoutes.create,
      field: 'name',
      fields: fieldOptions(networkRequest, createFields),
      further: { route: networkDetailsRoutes.change, fields: fieldOptions(networkDetailsPatch, detailFields) },
      idOf: ({ id }) => id,
      next: (name) => `Next: causeway connector create CONNECTOR --network ${name}`,
    }),
    setVerb({
      dryRun: true,
      kind: 'network',
      route: () => networkRoutes.update,
      fields: fieldOptions(networkUpdate, setFields, { canEmpty: true }),
      further: {
        route: networkDetailsRoutes.change,
        fields: fieldOptions(networkDetailsPatch, detailFields, { canEmpty: true }),
      },
    }),
    networkCheckVerb,
    addSubnetVerb,
    removeSubnetVerb,
    deleteVerb({
      dryRun: true,
      shown,
      route: () => networkRoutes.remove,
      description: 'delete a network with its prefixes and connectors',
      cuts: ({ routes, connectors }) => [
        `Nobody reaches ${routes.length === 0 ? 'it' : routes.map(({ subnet }) => subnet).join(', ')} any more.`,
        ...(connectors.length === 0
          ? []
          : [`Its connectors are cut and can never connect again: ${connectorsText(connectors)}.`]),
      ],
    }),
  ],
};

function addSubnetVerb(...[noun, surroundings]: Parameters<Verb>): void {
  prefixVerb(noun, 'add-subnet', 'lead prefixes to a network').action(
    async (wanted: string, prefixes: readonly string[], parsed: Parsed) => {
      const { id: networkId, name } = await findThing(parsed, 'network', wanted);
      const added: NetworkRoute[] = [];
      await oneByOne(prefixes, `network ${name} has`, added, async (value) =>
        callRoute(parsed, networkRouteRoutes.create, { query: { networkId }, body: { value } }),
      );
      const list = added.map(({ subnet }) => subnet).join(', ');
      surroundings.writeOut(parsed.json === true ? jsonText(added) : `added ${list} to network ${printable(name)}\n`);
    },
  );
}

function removeSubnetVerb(...[noun, surroundings]: Parameters<Verb>): void {
  prefixVerb(noun, 'remove-subnet', 'take prefixes from a network')
    .addOption(yesOption())
    .action(async (wanted: string, prefixes: readonly string[], parsed: Parsed) => {
      const { id, name } = await findThing(parsed, 'network', wanted);
      const { routes } = await callRoute(parsed, networkRoutes.read, { parameters: { id } });
      const removed = prefixes.map((text) => prefixIn(routes, text, name));
      const list = removed.map(({ subnet }) => subnet).join(', ');
      await confirm(
        surroundings,
        [`This takes ${list} from network ${name}.`, 'Nobody reaches it any more, and connections to it end.'],
        parsed.yes === true,
      );
      await oneByOne(removed, `network ${name} has no more`, [], async (route) => {
        await callRoute(parsed, networkRouteRoutes.remove, { parameters: { id: route.id }, query: { networkId: id } });
        return route;
      });
      surroundings.writeOut(parsed.json === true ? jsonText(removed) : `removed ${list} from network ${printable(name)}\n`);
    });
}

function prefixVerb(noun: Parameters<Verb>[0], word: string, description: string) {
  return verbCommand(noun, word, description)
    .addArgument(new ThingArgument('network'))
    .addArgument(new Argument('<PREFIX...>', 'such as 10.20.0.0/16'));
}

function prefixIn<Route extends { readonly subnet: string }>(routes: readonly Route[], text: string, network: string): Route {
  const parsed = parsePrefix(text);
  const found = parsed.ok ? routes.find(({ subnet }) => subnet === formatPrefix(parsed.value)) : undefined;
  if (found !== undefined) return found;
  const there = routes.length === 0 ? 'it has none' : `it has ${routes.map(({ subnet }) => subnet).join(', ')}`;
  const problem = parsed.ok ? `${quoteInput(text)} is no prefix of network ${quoteInput(network)}` : parsed.reason;
  throw new CliFailure(exitCodes.usage, `${problem}; ${there}`);
}

/** Fills `done`; where one is refused, it is told which are done, since they stay. */
async function oneByOne<Item>(
  items: readonly Item[],
  words: string,
  done: NetworkRoute[],
  act: (item: Item) => Promise<NetworkRoute>,
): Promise<void> {
  for (const item of items) {
    try {
      done.push(await act(item));
    } catch (error) {
      const list = done.map(({ subnet }) => subnet).join(', ');
      throw done.length === 0 ? error : afterPart(error, printable(`${words} ${list}`));
    }
  }
}
