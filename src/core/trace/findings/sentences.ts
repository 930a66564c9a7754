import type { Cause, Facts, ObjectRef } from '../cause.ts';

const longestName = 64;

/** shown puts a text of an operator or a machine into a sentence: nothing that moves a cursor or turns text round, and not without end. */
export function shown(text: string): string {
  const units = Array.from(text.toWellFormed());
  const cut = units.length > longestName ? `${units.slice(0, longestName).join('')}…` : text.toWellFormed();
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

/** named is a name in a sentence, in quotes where it is more than one plain word. */
export function named(text: string): string {
  const name = shown(text);
  return /^[\p{L}\p{N}][\p{L}\p{N}._:/@-]*$/u.test(name) ? name : `"${name}"`;
}

const kinds: Readonly<Record<ObjectRef['kind'], string>> = {
  device: 'device',
  user: 'user',
  'user-group': 'user group',
  connector: 'connector',
  network: 'network',
  host: 'host',
  gateway: 'gateway',
  router: 'router',
  cloud: 'cloud',
  server: 'server',
};

/** object is what a cause blames, in a sentence. Labels of routers and of parts of clouds are descriptions already, and a gateway has no name. */
export function object({ object: { kind, label } }: Cause): string {
  if (kind === 'router' || kind === 'cloud') return shown(label);
  return kind === 'gateway' ? 'the gateway' : `${kinds[kind]} ${named(label)}`;
}

/** subject is the same at the beginning of a sentence. */
export function subject(cause: Cause): string {
  const text = object(cause);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** destination is where the packet goes, as people ask for it. */
export function destination({ destination: address, protocol, port }: Facts): string {
  if (address === undefined) return 'the destination';
  if (protocol === undefined || port === undefined) return shown(address);
  return `${shown(address)} (${shown(protocol)} ${String(port)})`;
}

/** network is the site in a sentence. */
export function network({ networkName }: Facts): string {
  return networkName === undefined ? 'the network' : `network ${named(networkName)}`;
}

/** quoted is a text of a machine in a sentence, in quotes where it is more than one plain word; or what stands for it. */
export function quoted(text: string | undefined, otherwise: string): string {
  return text === undefined || text === '' ? otherwise : named(text);
}
