/** exitCodes are a stable interface (design.md 10): scripts tell these cases apart. */
export const exitCodes = {
  works: 0,
  problem: 1,
  usage: 2,
  unreachable: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** CliFailure ends a command: its message goes to stderr as one line, without a stack, and its code is the exit code. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'CliFailure';
    this.exitCode = exitCode;
  }
}
