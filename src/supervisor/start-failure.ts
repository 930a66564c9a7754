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

/** describeFailure gives the sentence for whatever ended the start; disk troubles get their remedy, since every step can meet them. */
export function describeFailure(cause: unknown, dataDirectory: string): Problem {
  if (cause instanceof StartFailure) return { exitCode: cause.exitCode, sentence: cause.message };
  const text = chainOf(cause);
  if (/ENOSPC|No space left on device/.test(text)) {
    return {
      exitCode: 1,
      sentence: `the file system of ${dataDirectory} is full (${text}): free some space and start again; what was begun is completed then.`,
    };
  }
  if (/EDQUOT|Disk quota exceeded/.test(text)) {
    return { exitCode: 1, sentence: `the disk quota for ${dataDirectory} is used up (${text}): raise it and start again.` };
  }
  if (/EROFS|Read-only file system/.test(text)) {
    return {
      exitCode: 1,
      sentence: `${dataDirectory} lies on a read-only file system (${text}): remount it writable, or choose another --data.`,
    };
  }
  return { exitCode: 1, sentence: `${text}.` };
}

function chainOf(cause: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) {
    if (!messages.some((message) => message.includes(at instanceof Error ? at.message : ''))) messages.push(at.message);
  }
  return messages.length === 0 ? String(cause) : messages.join(': ');
}
