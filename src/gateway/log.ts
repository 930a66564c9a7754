/** Log is where the agent says what happened: one line each, no secrets, names of others quoted. The supervisor prefixes and keeps them. */
export type Log = { info(message: string): void; warn(message: string, cause?: unknown): void };

/** stderrLog writes to standard error; standard output is not the agent's. */
export const stderrLog: Log = {
  info: (message) => void process.stderr.write(`${message}\n`),
  warn: (message, cause) => void process.stderr.write(`warning: ${message}${cause === undefined ? '' : `: ${explain(cause)}`}\n`),
};

/** explain gives an error with its chain of causes on one line. */
export function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return JSON.stringify(cause) ?? 'unknown';
  const text = cause.message.replaceAll('\n', ' ');
  return cause.cause === undefined ? text : `${text}: ${explain(cause.cause)}`;
}
