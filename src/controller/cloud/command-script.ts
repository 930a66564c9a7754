import { commentText, placeholder } from '../../core/platforms/safe-text.ts';
import type { CloudId } from '../../core/trace/cloud/cloud-state.ts';
import type { CommandSite, VendorCommands } from './vendor-commands.ts';

/** KnownSite is what a network's commands are filled in with. Values have been checked against the patterns of the platform (core/platforms). */
export type KnownSite = {
  /** The network's name, as the operator wrote it. */
  readonly network: string;
  readonly address: string | null;
  readonly parameters: Readonly<Record<string, string>>;
};

export type CommandScript = {
  readonly script: string;
  readonly missing: readonly { readonly word: string; readonly description: string }[];
};

/** Where the answers are written, in the directory where the script runs. */
export const answersFile = 'causeway-cloud.json';

/**
 * commandScript writes the commands of a vendor as a script for any POSIX shell. It goes to `sh` as a here-document, so that it can be pasted
 * into shells that split words in other ways, and a failure ends it and not the terminal. A command that is refused leaves `null`, which is
 * "not read"; one that prints nothing has found nothing.
 */
export function commandScript(cloud: CloudId, commands: VendorCommands, known: KnownSite): CommandScript {
  const missing = new Map<string, string>();
  const unknown = (name: string, description: string): string => {
    const word = placeholder(name);
    missing.set(word, description);
    return word;
  };
  const site: CommandSite = {
    address: () => known.address ?? unknown('connectorLanAddress', "the connector's address on its LAN"),
    name: (parameter, description) => known.parameters[parameter] ?? unknown(parameter, description),
    known: (parameter) => known.parameters[parameter],
  };
  const { tool, checked, parts } = commands;
  const lines = [
    `# Reads the cloud of network ${commentText(known.network)} with ${tool}, changes nothing, and writes ${answersFile}.`,
    `sh <<'CAUSEWAY' >${answersFile}`,
    `part() { printf '%s"%s":[' "$open" "$1"; open='],' between=''; }`,
    `ask() { answer=$("$@") || answer=null; printf '%s%s' "$between" "\${answer:-[]}"; between=,; }`,
    `ask_of() { of=$1; shift; answer=$("$@") || answer=null; printf '%s{"of":"%s","answer":%s}' "$between" "$of" "\${answer:-[]}"; between=,; }`,
    'read_cloud() {',
    ...commands.find(site),
    ...checked.map((name) => `[ -n "$${name}" ] || { echo 'causeway: ${name} not found, so nothing was read' >&2; exit 1; }`),
    `printf '{"cloud":"${cloud}","readAt":"%s","answers":{' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"`,
    "open='' between=''",
    ...parts.flatMap(({ part, commands: asked }) => [
      `part ${part}`,
      ...asked.map(({ ask, each }) => (each === undefined ? `ask ${ask}` : `for id in $${each}; do ask_of "$id" ${ask}; done`)),
    ]),
    `printf ']}}\\n'`,
    '}',
    // The script is the shell's standard input, and no command may read it.
    'read_cloud </dev/null',
    'CAUSEWAY',
  ];
  return {
    script: `${lines.join('\n')}\n`,
    missing: [...missing].map(([word, description]) => ({ word, description })),
  };
}
