/**
 * src/core/platforms says the static routes of a LAN in the words of its router or cloud: typed data on each platform, and a generator of
 * the texts that an operator pastes: add, take back, verify. Pure; nothing is run. golden/ holds what each generator gives for the
 * tutorial's HQ. Tests stand beside: `./causeway node --test 'src/core/platforms/*.test.ts'`; after a change of a generator or of data,
 * `RENEW_GOLDEN=1 ./causeway node --test src/core/platforms/golden.test.ts` writes golden/ and docs/platforms.md anew, and the
 * difference is read before it is committed.
 *
 * This file: what a platform is. Nothing reaches a text but typed prefixes and addresses, values that match a parameter's pattern, and
 * names reduced by commentText (decision 76).
 */
import type { Prefix4 } from '../ip/prefix.ts';

/**
 * Evidence says how far a statement may be trusted: `tested` by a test of ours, `documented` read in the maker's documentation, or
 * `unverified`: general knowledge that nobody here has tried, which every text says of itself.
 */
export type Evidence = 'tested' | 'documented' | 'unverified';

export type Note = { readonly text: string; readonly evidence: Evidence };

/** Parameter is a name that only the operator knows: a route table, an interface. What does not match `pattern` as a whole is refused. */
export type Parameter = {
  readonly name: string;
  readonly description: string;
  /** In words, for refusals. */
  readonly allowed: string;
  readonly pattern: RegExp;
  readonly example: string;
  /** Several may be given, with commas between them. */
  readonly many: boolean;
  /** Its commands are left out where it is not given; else a placeholder stands in the text. */
  readonly optional: boolean;
};

export type PlatformKind = 'cloud' | 'hypervisor' | 'router' | 'host' | 'dhcp';

/** Words is what a generator writes from: everything in it is safe in any text (no quotes, no line breaks, nothing that a shell expands). */
export type Words = {
  /** The network's name, reduced. */
  readonly label: string;
  /** For the comment at the top of a text: whose routes these are. */
  readonly title: string;
  readonly routes: readonly Prefix4[];
  /** The connector's LAN address, or a placeholder. */
  readonly via: string;
  /** The LAN's own router, or a placeholder. */
  readonly router: string;
  /** What arrives with its own source address, for filters. */
  readonly sources: readonly Prefix4[];
  /** The LAN's own prefixes, for filters. */
  readonly lan: readonly Prefix4[];
  /** The parameter's value; where it is not given, `otherwise`, or else its placeholder. */
  readonly value: (name: string, otherwise?: string) => string;
  readonly values: (name: string) => readonly string[];
  readonly given: (name: string) => boolean;
};

/** Texts is what a generator gives. Each is whole lines; empty where the platform has nothing of the kind. */
export type Texts = {
  readonly add: string;
  readonly remove: string;
  readonly verify: string;
  readonly terraform?: string;
  /** The least that the one who runs `add` must be allowed to do. */
  readonly permissions?: string;
};

export const noTexts: Texts = { add: '', remove: '', verify: '' };

export type Platform = {
  readonly name: string;
  readonly kind: PlatformKind;
  /** Whether it routes the WPC's range, which lies in 100.64.0.0/10 unless it was changed. */
  readonly sharedSpace: 'yes' | 'no' | 'unknown';
  /** What to do where it does not. */
  readonly otherwise?: string;
  /** Whether a default route to the connector may be written there; where not, `routerCommands` leaves it out and says why. */
  readonly takesDefault: boolean;
  /** Why the platform refuses a destination; undefined where it takes it. */
  readonly refuses?: (destination: Prefix4) => string | undefined;
  /** Of the syntax of the texts. */
  readonly evidence: Evidence;
  readonly parameters: readonly Parameter[];
  /** Where to click, for those who do not type. */
  readonly console: readonly string[];
  readonly notes: readonly Note[];
  readonly links?: readonly string[];
  readonly write: (words: Words) => Texts;
};

/** Definition is a platform without what holds for most of them. */
export type Definition = Pick<Platform, 'name' | 'write'> & Partial<Omit<Platform, 'kind'>>;

/** definePlatform fills in what holds for most platforms; each of these facts stands in a definition where it is another. */
export function definePlatform(kind: PlatformKind, definition: Definition): Platform {
  return {
    kind,
    sharedSpace: 'yes',
    takesDefault: false,
    evidence: 'unverified',
    parameters: [],
    console: [],
    notes: [],
    ...definition,
  };
}

export const unverified = (text: string): Note => ({ text, evidence: 'unverified' });
export const documented = (text: string): Note => ({ text, evidence: 'documented' });
export const tested = (text: string): Note => ({ text, evidence: 'tested' });
