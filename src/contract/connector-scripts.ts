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

/** assembleInstaller: constants in front of the one function, whose call is the last line. */
export function assembleInstaller(constants: ScriptConstants, installer: string): string {
  return ['#!/bin/sh', ...constantLines(constants), installer].join('\n');
}

/** assembleAgent: constants, every part, and the call of main as the last line, which is also how the installer sees a cut download. */
export function assembleAgent(constants: ScriptConstants, parts: readonly string[]): string {
  const bodies = parts.map((part) => part.replace(/^# shellcheck shell=sh disable=.*\n/, ''));
  return [
    '#!/bin/sh',
    '# The agent of a Causeway connector; causeway-connector uninstall removes it.',
    ...constantLines(constants),
    ...bodies,
    'main "$@"',
    '',
  ].join('\n');
}

function constantLines(constants: ScriptConstants): string[] {
  return [
    `CAUSEWAY_URL=${shellQuote(constants.url)}`,
    `CAUSEWAY_CA=${shellQuote(constants.ca.trim())}`,
    `CAUSEWAY_VERSION=${shellQuote(constants.version)}`,
  ];
}
