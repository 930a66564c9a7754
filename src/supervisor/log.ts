import type { Priority } from './journal.ts';
import { priorityOf } from './journal.ts';

/** LogFields are further facts of a line. Never secrets: the log goes to stderr, and from there into the journal. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Log writes one line per event to stderr: time, who, level, message, then `key=value`. stdout is kept for the ready line. */
export type Log = {
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  /** What a child wrote, as it is; whoever reads the log must not be fooled by control characters in it. */
  readonly relay: (line: string) => void;
  readonly of: (part: string) => Log;
};

/** Longer lines of a child are cut, so that one child cannot bury what the others say. */
const longestRelayedLine = 4000;

/** createLog writes with `write`. With `journal` a line begins with its level (sd-daemon(3)) and has no time, which the journal adds. */
export function createLog(
  part: string,
  write: (text: string) => void = (text) => process.stderr.write(text),
  journal = false,
): Log {
  const line = (priority: Priority, level: string, text: string) =>
    write(`${journal ? `<${String(priority)}>` : `${new Date().toISOString()} `}${part} ${level} ${text}\n`);
  return {
    info: (message, fields) => line(6, 'info', `${message}${formatFields(fields)}`),
    warn: (message, fields) => line(4, 'warn', `${message}${formatFields(fields)}`),
    relay: (text) => line(priorityOf(text), '|', printable(text)),
    of: (other) => createLog(other, write, journal),
  };
}

function formatFields(fields: LogFields = {}): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${formatValue(value)}`)
    .join('');
}

function formatValue(value: string | number | boolean | null | undefined): string {
  if (typeof value !== 'string') return String(value);
  return /^[\w./:@%+-]+$/.test(value) ? value : JSON.stringify(value);
}

function printable(text: string): string {
  const cut = text.length > longestRelayedLine ? `${text.slice(0, longestRelayedLine)}…` : text;
  return cut.replace(
    /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
