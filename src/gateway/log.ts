/**
 * Log is where the agent says what happened: one line each, no secrets, names of others quoted. Fields follow the words as `key=value`, so that
 * a line can be searched by them (docs/metrics.md). The supervisor prefixes the lines and keeps them.
 */
export type Log = {
  info(message: string, fields?: LogFields): void;
  warn(message: string, cause?: unknown): void;
};

export type LogFields = Readonly<Record<string, number | string>>;

/** stderrLog writes to standard error; standard output is not the agent's. */
export const stderrLog: Log = {
  info: (message, fields = {}) => void process.stderr.write(`${message}${fieldsText(fields)}\n`),
  warn: (message, cause) => void process.stderr.write(`warning: ${message}${cause === undefined ? '' : `: ${explain(cause)}`}\n`),
};

function fieldsText(fields: LogFields): string {
  return Object.entries(fields)
    .map(
      ([key, value]) =>
        ` ${key}=${typeof value === 'number' || /^[\w./:@%+-]+$/.test(value) ? String(value) : JSON.stringify(value)}`,
    )
    .join('');
}

/** explain gives an error with its chain of causes on one line. */
export function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return JSON.stringify(cause) ?? 'unknown';
  const text = cause.message.replaceAll('\n', ' ');
  return cause.cause === undefined ? text : `${text}: ${explain(cause.cause)}`;
}
