import type { NetworkId } from '../../ids.ts';
import { parseAddress4 } from '../../ip/address.ts';
import type { Address4 } from '../../ip/address.ts';
import type { Prefix4, PrefixText } from '../../ip/prefix.ts';
import { tryParsePrefix } from '../../ip/prefix.ts';
import type { PlatformId } from '../../platforms/catalogue.ts';
import { isPlatformId, platformOf } from '../../platforms/catalogue.ts';
import type { CheckedParameters, ParameterValues, RouterCommands, RouteRequest } from '../../platforms/router-commands.ts';
import { checkParameters, routerCommands } from '../../platforms/router-commands.ts';
import type { NetworkRoutes } from '../../site-routes/site-routes.ts';
import { sourcesAt } from '../../site-routes/site-routes.ts';
import type { Cause } from '../cause.ts';
import { networkArgument } from './command-words.ts';
import type { FixContext } from './entry.ts';
import type { Fix } from './finding.ts';
import { fix, onRouter } from './fix.ts';
import { isInTunnelRange } from './ranges.ts';
import { network } from './sentences.ts';

/** Site is what the context knows of a cause's network. */
export type Site = {
  readonly platform: PlatformId | null;
  readonly parameters: ParameterValues;
  readonly routes: NetworkRoutes | undefined;
};

export function siteOf({ facts }: Cause, context: FixContext): Site {
  // A network's id of a cause is the model's, or of nothing: then nothing is found.
  const id = facts.networkId as NetworkId | undefined;
  const known = id === undefined ? undefined : context.platforms.get(id);
  const routes = id === undefined ? undefined : context.routesOf(id);
  if (facts.platform !== undefined && isPlatformId(facts.platform)) {
    const parameters = facts.platform === known?.platform ? { ...known.parameters, ...facts.parameters } : facts.parameters;
    return { platform: facts.platform, parameters: parameters ?? {}, routes };
  }
  return { platform: known?.platform ?? null, parameters: known?.parameters ?? {}, routes };
}

/** What is missing does not stop the texts, and a value that does not match is as good as missing. */
export function checkedOf(platform: PlatformId, parameters: ParameterValues): CheckedParameters {
  const good = Object.entries(parameters).filter(([name, value]) => checkParameters(platform, { [name]: value }).ok);
  const checked = checkParameters(platform, Object.fromEntries(good));
  if (!checked.ok) throw new RangeError(`parameters that are allowed one by one are not together: ${checked.reason}`);
  return checked.value;
}

/** requestOf is what the LAN of the cause needs; `only` instead of all of it. */
export function requestOf({ facts }: Cause, context: FixContext, { routes }: Site, only?: readonly PrefixText[]): RouteRequest {
  const required = (routes?.routes ?? []).filter(({ need, at }) => need === 'required' && at === 'router');
  const computed = required.length > 0 ? required.map(({ destination }) => destination) : context.tunnelRanges;
  const wanted = only ?? facts.prefixes ?? computed;
  return {
    network: facts.networkName ?? routes?.name ?? '',
    destinations: wanted.flatMap(prefix4),
    via: address4(facts.lanAddress ?? required[0]?.via ?? undefined),
    router: address4(facts.routerAddress),
    sources: (routes === undefined ? wanted : sourcesAt(routes, context.tunnelRanges)).flatMap(prefix4),
    lan: (routes?.prefixes ?? []).flatMap(prefix4),
  };
}

/** staticRoute is the tutorial's Option 1 in the words of the router or cloud; undefined where that takes none of the routes. */
export function staticRoute(
  cause: Cause,
  context: FixContext,
  betterWhen: string,
  only?: readonly PrefixText[],
): Fix | undefined {
  const site = siteOf(cause, context);
  const id = site.platform ?? 'linux';
  const commands = routerCommands(checkedOf(id, site.parameters), requestOf(cause, context, site, only));
  if (commands.add === '') return undefined;
  const platform = platformOf(id);
  const title = `Static route: let the LAN of ${network(cause.facts)} send to the connector`;
  return fix({
    platform: id,
    title: site.platform === null ? `${title} (shown for Linux)` : `${title} (${platform.name})`,
    where: whereOf(cause, platform.kind),
    commands: lines(commands.add),
    console: [...commands.console, ...(site.platform === null ? [otherRouter(cause)] : [])],
    terraform: commands.terraform,
    undo: lines(commands.remove),
    risk: remarks(commands),
    betterWhen,
    verify: lines(commands.verify),
    evidence: platform.evidence,
  });
}

function whereOf(cause: Cause, kind: string): string {
  if (kind === 'cloud') return `anywhere, as one who may change the cloud of ${network(cause.facts)}`;
  return kind === 'dhcp' ? `at the DHCP server of ${network(cause.facts)}` : onRouter(cause);
}

/** otherRouter says how to have the commands for the router that is really there. */
export function otherRouter({ facts }: Cause): string {
  return `For another router or a cloud: causeway static-routes ${networkArgument(facts)} --platform ID; docs/platforms.md lists the ids.`;
}

/** isRefused: the platform takes no route to a device, so that NAT is all there is. */
export function isRefused(cause: Cause, context: FixContext): boolean {
  const { platform } = siteOf(cause, context);
  if (platform === null) return false;
  const { refuses } = platformOf(platform);
  return context.tunnelRanges.flatMap(prefix4).some((range) => refuses?.(range) !== undefined);
}

/** isAboutDevices: the missing way is to a tunnel address, so that NAT would spare it; between sites it never does. */
export function isAboutDevices({ facts }: Cause, context: FixContext): boolean {
  return isInTunnelRange(facts.prefix ?? facts.destination, context);
}

/** The platforms whose routers keep state of connections unless somebody turns it off. */
const stateful: ReadonlySet<PlatformId> = new Set([
  'cisco-asa',
  'junos',
  'pfsense',
  'opnsense',
  'unifi',
  'fortigate',
  'paloalto',
  'sophos',
  'sonicwall',
  'meraki',
  'openwrt',
  'fritzbox',
  'mikrotik',
]);

export function keepsState(cause: Cause, context: FixContext): boolean {
  const { platform } = siteOf(cause, context);
  return platform !== null && stateful.has(platform);
}

export function isCloud(cause: Cause, context: FixContext): boolean {
  const { platform } = siteOf(cause, context);
  return platform !== null && platformOf(platform).kind === 'cloud';
}

function remarks({ missing, notes, leftOut }: RouterCommands): string {
  return [
    ...(missing.length === 0 ? [] : [`Put your own in place of ${missing.join(', ')}.`]),
    // What else is known of a platform stands in docs/platforms.md; how far to trust the syntax, the fix's evidence says.
    ...notes.filter(({ evidence }) => evidence === 'tested').map(({ text }) => text),
    ...leftOut.map(({ destination, reason }) => `Left out: ${destination}: ${reason}.`),
  ].join(' ');
}

export function lines(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

export function prefix4(text: PrefixText): readonly Prefix4[] {
  const prefix = tryParsePrefix(text);
  return prefix?.family === 4 ? [prefix] : [];
}

function address4(text: string | undefined): Address4 | null {
  const address = parseAddress4(text ?? '');
  return address.ok ? address.value : null;
}
