/** exitCodes are a stable interface (design.md 10): scripts tell these cases apart. */
export const exitCodes = {
  works: 0,
  problem: 1,
  usage: 2,
  unreachable: 3,
  /** Something on this machine: root, a service manager. */
  missing: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * afterPart is what a refusal in the middle of several calls becomes: `done` stays, so it is a problem and no mistake of the command line
 * alone. What is no refusal is given back as it is.
 */
export function afterPart(error: unknown, done: string): unknown {
  if (!(error instanceof CliFailure)) return error;
  return new CliFailure(
    error.exitCode === exitCodes.usage ? exitCodes.problem : error.exitCode,
    `${done}, but ${error.message}`,
    error,
  );
}

/** CliFailure ends a command: its message goes to stderr as one line, without a stack, and its code is the exit code. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'CliFailure';
    this.exitCode = exitCode;
  }
}
