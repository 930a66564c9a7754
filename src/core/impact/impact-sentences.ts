import type { PrefixText } from '../ip/prefix.ts';
import type { AccessChange } from './access-impact.ts';
import type { EndCount, Impact, RouterWork } from './impact.ts';
import type { InternetChange } from './internet-impact.ts';

/** More names or prefixes than these in a sentence nobody reads. */
const listed = 3;

/**
 * impactSentences is an impact for people, what hurts most first; never empty. Portal and shell show the same. The first sentence always says
 * whether connections are reset, and that of the routers whether somebody has work.
 */
export function impactSentences(impact: Impact): readonly string[] {
  const { cut, interrupted, access, routers, internet, asked } = impact;
  const adding = routers.filter(({ added }) => added.length > 0);
  const removing = routers.filter(({ removed }) => removed.length > 0);
  const needing = routers.filter(({ machines }) => machines === 'need-default');
  const freed = routers.filter(({ machines }) => machines === 'need-no-default');
  return [
    ...(total(cut) === 0 ? [] : [`${ends(cut)} ${isAre(cut)} disconnected, and not let in any more.`]),
    ...access.map((each) => accessSentence(each)),
    ...internet.map((each) => internetSentence(each)),
    resetSentence(interrupted),
    adding.length === 0 ? 'No router needs a new route.' : addedSentence(adding),
    ...(removing.length === 0 ? [] : [removedSentence(removing)]),
    ...(needing.length === 0 ? [] : [`Machines of ${names(needing)} need a default route by the connector.`]),
    ...(freed.length === 0 ? [] : [`Machines of ${names(freed)} need no default route by the connector any more.`]),
    ...(asked === 0 ? [] : [`${people(asked)} ${asked === 1 ? 'is' : 'are'} asked who they are at their next connection.`]),
  ];
}

function total({ devices, connectors }: EndCount): number {
  return devices + connectors;
}

function resetSentence(interrupted: EndCount): string {
  const count = total(interrupted);
  if (count === 0) return '0 connections will be reset.';
  return `${plural(count, 'connection')} will be reset, and ${count === 1 ? 'is' : 'are'} back after one to three seconds: ${ends(interrupted)}.`;
}

function ends({ people: persons, devices, connectors }: EndCount): string {
  const ofPeople = devices === persons ? people(persons) : `${people(persons)} with ${plural(devices, 'device')}`;
  return and([...(connectors === 0 ? [] : [plural(connectors, 'connector')]), ...(devices === 0 ? [] : [ofPeople])]);
}

function isAre(count: EndCount): string {
  return count.people + count.connectors === 1 ? 'is' : 'are';
}

function accessSentence({ kind, prefixes, people: persons, connectors }: AccessChange): string {
  const who = and([...(connectors === 0 ? [] : [plural(connectors, 'connector')]), ...(persons === 0 ? [] : [people(persons)])]);
  const single = persons + connectors === 1;
  const verb = kind === 'lost' ? (single ? 'loses' : 'lose') : single ? 'gains' : 'gain';
  return `${who} ${verb} access to ${list(prefixes)} ${kind === 'lost' ? 'now' : 'at once'}.`;
}

const kinds = { 'user-group': 'user group', network: 'network', host: 'host' } as const;

function internetSentence({ kind, name, before, after, people: persons }: InternetChange): string {
  const whose = `${kinds[kind]} ${name}${kind === 'user-group' ? ` (${people(persons)} connected)` : ''}`;
  switch (after.kind) {
    case 'no-gateway':
      return `Internet traffic of ${whose} is refused: no internet gateway that it may use is connected.`;
    case 'restricted':
      return `Internet traffic of ${whose} is refused, but for what is trusted.`;
    case 'local':
      return `Internet traffic of ${whose} leaves by its own line, and not through the tunnel any more.`;
    case 'gateway':
      return `Internet traffic of ${whose} leaves by ${after.networkName}${before.kind === 'gateway' ? ` in place of ${before.networkName}: what is open there has to be opened again` : ''}.`;
  }
}

function addedSentence(routers: readonly RouterWork[]): string {
  const count = routers.length;
  const routes = shared(routers.map(({ added }) => added));
  const what = routes.length === 1 ? 'a new route' : 'new routes';
  return `${plural(count, 'router')} ${count === 1 ? 'needs' : 'need'} ${what}${to(routes)}: ${names(routers)}.`;
}

function removedSentence(routers: readonly RouterWork[]): string {
  const count = routers.length;
  const routes = shared(routers.map(({ removed }) => removed));
  const what = routes.length === 0 ? 'some routes' : routes.length === 1 ? 'the route' : 'the routes';
  return `${plural(count, 'router')} no longer ${count === 1 ? 'needs' : 'need'} ${what}${to(routes)}: ${names(routers)}.`;
}

/** Routes are named where they are the same for all: a list of everybody's says nothing about anybody's. */
function shared(lists: readonly (readonly PrefixText[])[]): readonly PrefixText[] {
  const [first = [], ...others] = lists;
  return others.every((each) => each.join() === first.join()) ? first : [];
}

function to(routes: readonly PrefixText[]): string {
  return routes.length === 0 ? '' : ` to ${list(routes)}`;
}

function names(routers: readonly RouterWork[]): string {
  return list(routers.map(({ networkName }) => networkName));
}

function list(texts: readonly string[]): string {
  const rest = texts.length - listed;
  return rest > 0 ? `${texts.slice(0, listed).join(', ')} and ${String(rest)} more` : and(texts);
}

function and(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${String(count)} people`;
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
