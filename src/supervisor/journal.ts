import { fstatSync } from 'node:fs';

/** Priority is a syslog level: what the journal sorts and filters by (`journalctl -p warning`). */
export type Priority = 2 | 3 | 4 | 6 | 7;

/** A line of a child that does not say how bad it is. */
const usual: Priority = 6;

const words: Readonly<Record<string, Priority>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warn: 4,
  warning: 4,
  error: 3,
  fatal: 2,
};

/** PostgreSQL's severities (runtime-config-logging, table "Message Severity Levels"); what follows a message bears its level. */
const ofPostgres: Readonly<Record<string, Priority>> = { DEBUG: 7, LOG: 6, NOTICE: 6, WARNING: 4, ERROR: 4, FATAL: 3, PANIC: 2 };

/**
 * priorityOf reads how bad a child's line is: JSON with pino's level, as number or word, PostgreSQL's severity, or `warning:` as the gateway
 * agent writes it. An error of PostgreSQL is one client's statement, which that client tells in its own words, so it is a warning.
 */
export function priorityOf(line: string): Priority {
  const json = /^\{"level":(?:(\d+)|"([a-z]+)")/.exec(line);
  if (json !== null) return json[1] === undefined ? (words[json[2] ?? ''] ?? usual) : ofPino(Number(json[1]));
  const postgres = /^(?!\{).{0,60}?\b(DEBUG|LOG|NOTICE|WARNING|ERROR|FATAL|PANIC)\d?: {2}/.exec(line);
  if (postgres?.[1] !== undefined) return ofPostgres[postgres[1]] ?? usual;
  const word = /^(\w+): /.exec(line)?.[1];
  return words[word ?? ''] ?? usual;
}

function ofPino(level: number): Priority {
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}

/** goesToJournal says whether stderr is the journal's: systemd names device and inode of what it has connected (systemd.exec, JOURNAL_STREAM). */
export function goesToJournal(stream: string | undefined, descriptor = 2): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(descriptor);
  return stream === `${String(dev)}:${String(ino)}`;
}
