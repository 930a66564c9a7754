import type { Prefix4 } from '../ip/prefix.ts';
import { firstAddress, formatPrefix, netmask } from '../ip/prefix.ts';
import { address4, formatAddress } from '../ip/address.ts';
import type { Parameter } from './platform.ts';

const longestLabel = 40;

/**
 * commentText reduces a name to letters, digits, blanks, dots, underscores and hyphens of ASCII, so that it can stand in a comment or a
 * description of any of the languages here: none of them gives these a meaning. Names are the operator's words, and another operator
 * pastes the text as root.
 */
export function commentText(name: string): string {
  const reduced = name
    .replace(/[^A-Za-z0-9 ._-]+/g, '-')
    .slice(0, longestLabel)
    .replace(/ +/g, ' ')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return reduced === '' ? 'without a name' : reduced;
}

/** placeholder stands for a value that is not known: a word that no command takes for something else. */
export function placeholder(name: string): string {
  return name.replace(/([A-Z])/g, '_$1').toUpperCase();
}

/** routeName is a name for the route to a destination, for platforms that want one. */
export function routeName(destination: Prefix4, separator: '-' | '_' = '-'): string {
  return ['causeway', ...formatPrefix(destination).split(/[./]/)].join(separator);
}

/** networkOf is a destination's first address. */
export function networkOf(destination: Prefix4): string {
  return formatAddress(firstAddress(destination));
}

/** withMask is address and mask, for platforms that take no length. */
export function withMask(destination: Prefix4, between = ' '): string {
  return `${networkOf(destination)}${between}${netmask(destination)}`;
}

/** wildcardOf is the inverse of the mask: 0.31.255.255 for a /11. */
export function wildcardOf(destination: Prefix4): string {
  const bits = destination.length === 32 ? 0 : 0xffff_ffff >>> destination.length;
  return formatAddress(address4(bits));
}

/** sampleOf is a host inside the destination, for "which way would this go" commands. */
export function sampleOf(destination: Prefix4): string {
  return formatAddress(address4(destination.length >= 31 ? destination.base : destination.base + 1));
}

/** text joins lines; an empty list is no text at all. */
export function text(...lines: readonly (string | readonly string[])[]): string {
  const all = lines.flat();
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

type ParameterDefinition = Pick<Parameter, 'name' | 'description' | 'example'> & {
  readonly many?: true;
  readonly optional?: true;
};

/** matching makes a kind of parameter: its pattern, and in words what that allows. */
export function matching(pattern: RegExp, allowed: string) {
  return ({ many, optional, ...definition }: ParameterDefinition): Parameter => ({
    ...definition,
    pattern,
    allowed,
    many: many === true,
    optional: optional === true,
  });
}

/** The kernel takes 15 bytes; a hyphen in front would be an option. */
export const linuxInterface = matching(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/,
  'a name of an interface: 1 to 15 letters, digits, dots, underscores and hyphens',
);

export const routerWord = matching(
  /^[A-Za-z0-9][A-Za-z0-9._/:-]{0,30}$/,
  'one word: 1 to 31 letters, digits and . _ / : -, beginning with a letter or digit',
);

/** Blanks are allowed, quotes are not: texts put it in double quotes. */
export const displayName = matching(
  /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,60}[A-Za-z0-9._-])?$/,
  '1 to 62 letters, digits, blanks, dots, underscores and hyphens',
);

export const resourceName = matching(
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?$/,
  '1 to 80 letters, digits, dots, underscores and hyphens',
);

export const number = matching(/^[1-9][0-9]{0,9}$/, 'a whole number from 1 on');
