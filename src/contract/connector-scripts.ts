/**
 * How the scripts that a connector runs are put together: the controller serves them at /connector/install.sh and
 * /connector/agent.sh, and the tests of src/connector run exactly the same text. Pure: the parts' texts come in as arguments.
 */

/** ScriptConstants is what the controller fills in. They come from its configuration, never from a request's Host header. */
export type ScriptConstants = {
  /** `https://HOST:PORT`, without a slash at the end. */
  readonly url: string;
  /** PEM of the CA that signed the controller's certificate; empty where the certificate is publicly trusted. */
  readonly ca: string;
  readonly version: string;
};

/**
 * shellQuote makes one POSIX shell word of any text. Inside single quotes nothing is special but the single quote itself, which is
 * written as `'\''`; a NUL cannot be part of a word and is refused.
 */
export function shellQuote(text: string): string {
  if (text.includes('\0')) {
    throw new RangeError('a shell word cannot hold a NUL character');
  }
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * assembleInstaller puts the constants in front. Both scripts are one `{ … }`, which a shell reads to its end before it runs anything of
 * it: a download that was cut off anywhere is a syntax error and does nothing.
 */
export function assembleInstaller(constants: ScriptConstants, installer: string): string {
  return wrap([...constantLines(constants), installer.replace(shellcheckLine, '').trimEnd()]);
}

/** assembleAgent: constants, every part, and the call of main. */
export function assembleAgent(constants: ScriptConstants, parts: readonly string[]): string {
  const bodies = parts.map((part) => part.replace(shellcheckLine, '').trimEnd());
  const title = '# The agent of a Causeway connector; causeway-connector uninstall removes it.';
  return wrap([title, ...constantLines(constants), ...bodies, 'main "$@"']);
}

/** What tells shellcheck how to read a part by itself; it would not be in its place inside the whole. */
const shellcheckLine = /^# shellcheck shell=sh.*\n/;

function wrap(lines: readonly string[]): string {
  return ['#!/bin/sh', '{', ...lines, '}', ''].join('\n');
}

function constantLines(constants: ScriptConstants): string[] {
  return [
    `CAUSEWAY_URL=${shellQuote(constants.url)}`,
    `CAUSEWAY_CA=${shellQuote(constants.ca.trim())}`,
    `CAUSEWAY_VERSION=${shellQuote(constants.version)}`,
  ];
}
