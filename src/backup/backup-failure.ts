/** Exit codes of the backup commands, as those of every command (src/cli/failure.ts): 1 a problem, 2 used wrongly, 4 something is missing. */
export type FailureCode = 1 | 2 | 4;

/** BackupFailure ends a command with its sentence: what was tried, what stands against it, what to do, and what is left behind. */
export class BackupFailure extends Error {
  override readonly name = 'BackupFailure';
  readonly exitCode: FailureCode;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: FailureCode } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** causeText is what an error says, with what the system calls it; for the end of a sentence. */
export function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** chainText adds what caused it, where the reason may be: a server's last lines, why a query failed. */
export function chainText(cause: unknown): string {
  const said = causeText(cause);
  return cause instanceof Error && cause.cause instanceof Error ? `${said}: ${chainText(cause.cause)}` : said;
}
