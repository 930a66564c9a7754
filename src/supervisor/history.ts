import type { RunHistory } from '../contract/run-history.ts';
import { emptyHistory, historyFile, runHistory } from '../contract/run-history.ts';
import { placeFile, readOwned } from './data-directory.ts';
import type { Log } from './log.ts';

const longest_bytes = 1024 * 1024;

/**
 * readHistory reads DIR/history.json; empty where there is none. One that cannot be read holds up no start: it is said, and the next line is
 * written into a new one.
 */
export async function readHistory(dataDirectory: string, log: Log): Promise<RunHistory> {
  const file = historyFile(dataDirectory);
  try {
    const text = await readOwned(file, 0, longest_bytes);
    return text === undefined ? emptyHistory : runHistory.parse(JSON.parse(text));
  } catch (cause) {
    log.warn('the record of what ran here cannot be read and begins anew', {
      file,
      because: cause instanceof Error ? cause.message : String(cause),
    });
    return emptyHistory;
  }
}

/** writeHistory replaces the file, whole or not at all. */
export async function writeHistory(dataDirectory: string, history: RunHistory): Promise<void> {
  const text = `${JSON.stringify(history, null, 2)}\n`;
  await placeFile(historyFile(dataDirectory), text, { uid: 0, gid: 0, mode: 0o644 });
}
