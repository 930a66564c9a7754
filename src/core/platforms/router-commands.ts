import type { Address4 } from '../ip/address.ts';
import { formatAddress } from '../ip/address.ts';
import type { ParseResult } from '../ip/parse-result.ts';
import { accepted, refused } from '../ip/parse-result.ts';
import type { Prefix4, PrefixText } from '../ip/prefix.ts';
import { formatPrefix } from '../ip/prefix.ts';
import { quoteInput } from '../ip/quote-input.ts';
import type { PlatformId } from './catalogue.ts';
import { platformOf } from './catalogue.ts';
import type { Note, Platform, Words } from './platform.ts';
import { documented, noTexts, unverified } from './platform.ts';
import { commentText, placeholder } from './safe-text.ts';

/** ParameterValues are the operator's names, by parameter; several as given, with commas. */
export type ParameterValues = Readonly<Record<string, string>>;

declare const checked: unique symbol;

/** CheckedParameters belong to one platform and match its patterns: only such reach a text. */
export type CheckedParameters = {
  readonly platform: PlatformId;
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly [checked]: 'parameters';
};

const mostValues = 50;

/** checkParameters refuses a parameter that the platform does not have and a value that does not match; what is missing may be missing. */
export function checkParameters(id: PlatformId, given: ParameterValues): ParseResult<CheckedParameters> {
  const { parameters } = platformOf(id);
  const values = new Map<string, readonly string[]>();
  const unchecked: Omit<CheckedParameters, typeof checked> = { platform: id, values };
  for (const [name, text] of Object.entries(given)) {
    const parameter = parameters.find((each) => each.name === name);
    if (parameter === undefined) {
      const names = parameters.map((each) => each.name).join(', ');
      return refused(`${quoteInput(name)} is no parameter of ${id}; allowed: ${names === '' ? 'none' : names}`);
    }
    const list = parameter.many ? text.split(',') : [text];
    if (list.length > mostValues)
      return refused(`${name}: ${String(list.length)} values; allowed: at most ${String(mostValues)}`);
    const wrong = list.find((value) => !parameter.pattern.test(value));
    if (wrong !== undefined) return refused(`${name}: ${quoteInput(wrong)} is not allowed; allowed: ${parameter.allowed}`);
    values.set(name, list);
  }
  return accepted(unchecked as CheckedParameters);
}

/** RouteRequest is what one LAN needs. */
export type RouteRequest = {
  /** As the operator called it; it stands in comments, reduced. */
  readonly network: string;
  readonly destinations: readonly Prefix4[];
  readonly via: Address4 | null;
  /** The LAN's own default router. */
  readonly router: Address4 | null;
  readonly sources: readonly Prefix4[];
  readonly lan: readonly Prefix4[];
};

export type RouterCommands = {
  readonly add: string;
  readonly remove: string;
  readonly verify: string;
  readonly terraform: string | null;
  readonly permissions: string | null;
  readonly console: readonly string[];
  readonly notes: readonly Note[];
  /** What has to be put in place of words in capitals before anything is pasted. */
  readonly missing: readonly string[];
  /** Destinations that this platform cannot have, each with the reason and what to do. */
  readonly leftOut: readonly { readonly destination: PrefixText; readonly reason: string }[];
};

const defaultElsewhere =
  'a default route there would send the tunnel of the connector back to it; give the machines of the LAN the connector as their default router ' +
  '(DHCP option 3, or platform dhcp), and leave the router of the connector as it is';

/** routerCommands writes the texts. Deterministic; every character comes from typed values, checked parameters or this directory. */
export function routerCommands(checkedParameters: CheckedParameters, request: RouteRequest): RouterCommands {
  const platform = platformOf(checkedParameters.platform);
  const refusals = request.destinations.map((destination) => ({ destination, reason: refusalOf(platform, destination) }));
  const routes = refusals.filter(({ reason }) => reason === undefined).map(({ destination }) => destination);
  const words = wordsOf(platform, checkedParameters, { ...request, destinations: routes });
  // A platform that holds no routes itself (a hypervisor) still has something to say.
  const texts = routes.length === 0 && platform.kind !== 'hypervisor' ? noTexts : platform.write(words);
  return {
    add: texts.add,
    remove: texts.remove,
    verify: texts.verify,
    terraform: texts.terraform ?? null,
    permissions: texts.permissions ?? null,
    console: platform.console,
    notes: [...syntaxNote(platform), ...platform.notes],
    missing: missingOf(platform, checkedParameters, request, texts.add),
    leftOut: refusals.flatMap(({ destination, reason }) =>
      reason === undefined ? [] : [{ destination: formatPrefix(destination), reason }],
    ),
  };
}

function refusalOf(platform: Platform, destination: Prefix4): string | undefined {
  // It holds no routes at all, which its notes say.
  if (platform.kind === 'hypervisor') return undefined;
  if (destination.length === 0 && !platform.takesDefault) return defaultElsewhere;
  const reason = platform.refuses?.(destination);
  return reason === undefined || platform.otherwise === undefined ? reason : `${reason}; use ${platform.otherwise}`;
}

const unknownVia = 'CONNECTOR_LAN_ADDRESS';
const unknownRouter = 'LAN_ROUTER';

function wordsOf(platform: Platform, { values }: CheckedParameters, request: RouteRequest): Words {
  const valuesOf = (name: string): readonly string[] => {
    const parameter = platform.parameters.find((each) => each.name === name);
    if (parameter === undefined) throw new RangeError(`${platform.name} has no parameter ${name}`);
    return values.get(name) ?? (parameter.optional ? [] : [placeholder(name)]);
  };
  const label = commentText(request.network);
  return {
    label,
    title: `Causeway: routes of the network ${label}`,
    routes: request.destinations,
    via: request.via === null ? unknownVia : formatAddress(request.via),
    router: request.router === null ? unknownRouter : formatAddress(request.router),
    sources: request.sources,
    lan: request.lan,
    value: (name, otherwise) => valuesOf(name)[0] ?? otherwise ?? placeholder(name),
    values: valuesOf,
    given: (name) => values.has(name),
  };
}

function missingOf(platform: Platform, { values }: CheckedParameters, request: RouteRequest, add: string): readonly string[] {
  const parameters = platform.parameters
    .filter(({ name, optional }) => !optional && !values.has(name))
    .map(({ name }) => placeholder(name));
  const addresses = [...(request.via === null ? [unknownVia] : []), ...(request.router === null ? [unknownRouter] : [])].filter(
    (word) => add.includes(word),
  );
  return [...addresses, ...parameters];
}

function syntaxNote({ evidence, name }: Platform): readonly Note[] {
  switch (evidence) {
    case 'tested':
      return [];
    case 'documented':
      return [documented(`The commands follow the documentation of ${name}; nobody here has run them.`)];
    case 'unverified':
      return [unverified('The syntax was not verified by us: compare it with the manual of your device before you paste it.')];
  }
}
