/**
 * How an operator asks a cloud with the vendor's own command line, in commands that read and change nothing. They are data beside the
 * translators (`*-commands.ts`), so that a test can hold them against what a translator reads, and run them.
 */
export type VendorCommands = {
  /** The vendor's program. */
  readonly tool: string;
  /** What has to be true where they are run. */
  readonly signedIn: string;
  /** The least that whoever runs them has to be allowed, in the vendor's words. */
  readonly permissions: readonly string[];
  /** Lines that find the rest of the network from what is known, and put it into variables of the shell. */
  readonly find: (site: CommandSite) => readonly string[];
  /** Variables that must not be empty then: there is no network without them, so they were not found. */
  readonly checked: readonly string[];
  readonly parts: readonly PartCommands[];
  /** What they do not read, in whole sentences. */
  readonly notes: readonly string[];
};

export type PartCommands = { readonly part: string; readonly commands: readonly Command[] };

/** Command prints one JSON document; with `each`, one for every `$id` of a variable of the shell. */
export type Command = { readonly ask: string; readonly each?: string };

/** CommandSite is what is known of a network before its cloud is read. */
export type CommandSite = {
  /** The connector's LAN address. */
  readonly address: () => string;
  /** What a part of the cloud is called, as the operator named it or the connector's machine tells; its placeholder in capitals where nobody has. */
  readonly name: (parameter: string, description: string) => string;
  readonly known: (parameter: string) => string | undefined;
};

/** asked makes the parts of one command each. */
export function asked(commands: Readonly<Record<string, string>>): readonly PartCommands[] {
  return Object.entries(commands).map(([part, ask]) => ({ part, commands: [{ ask }] }));
}
