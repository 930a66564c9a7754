/** ExitCode of `causeway up` (design.md 10): 0 stopped in order, 1 failed, 2 used wrongly, 4 something on the machine is missing. */
export type ExitCode = 0 | 1 | 2 | 4;

/** Problem is one reason why `up` cannot start: a sentence that says what is wrong, on which object, and what to do. */
export type Problem = { readonly exitCode: Exclude<ExitCode, 0>; readonly sentence: string };

/** StartFailure ends `up` with its sentence instead of a stack trace: the operator can mend it, there is nothing to debug. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: Exclude<ExitCode, 0>;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.sentence, options);
    this.exitCode = problem.exitCode;
  }
}

/** Troubles that any step can meet, recognised by what the system calls them, and what to do about them. */
const diskTroubles: readonly { readonly sign: RegExp; readonly sentence: (directory: string, line: string) => string }[] = [
  {
    sign: /ENOSPC|No space left on device/,
    sentence: (directory, line) =>
      `the file system of ${directory} is full (${line}): free some space and start again; what was begun is completed then.`,
  },
  {
    sign: /EDQUOT|Disk quota exceeded/,
    sentence: (directory, line) => `the disk quota for ${directory} is used up (${line}): raise it and start again.`,
  },
  {
    sign: /EROFS|Read-only file system/,
    sentence: (directory, line) =>
      `${directory} lies on a read-only file system (${line}): remount it writable, or choose another one with --data.`,
  },
];

/** describeFailure gives the sentence for whatever ended the start: what was being done, and why it failed. */
export function describeFailure(cause: unknown, dataDirectory: string): Problem {
  if (cause instanceof StartFailure) return { exitCode: cause.exitCode, sentence: cause.message };
  const text = chainOf(cause);
  for (const { sign, sentence } of diskTroubles) {
    // What a program printed may be long; the line with the trouble in it is enough.
    const line = text.split('\n').find((candidate) => sign.test(candidate));
    if (line !== undefined) return { exitCode: 1, sentence: sentence(dataDirectory, line.trim()) };
  }
  return { exitCode: 1, sentence: `${text.trim().replaceAll(/\s*\n\s*/g, ' | ')}.` };
}

/** The messages of an error and its causes; a message that only repeats the one before it is left out. */
function chainOf(cause: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) {
    const { message } = at;
    if (!messages.some((earlier) => earlier.includes(message))) messages.push(message);
  }
  return messages.length === 0 ? String(cause) : messages.join(': ');
}
