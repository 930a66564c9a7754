import { join, relative } from 'node:path';
import { run } from 'node:test';
import type { EventData } from 'node:test';
import { inspect } from 'node:util';
import type { Count } from './count.ts';

/** Limits for a run of test files; see Level. */
export interface RunLimits {
  readonly concurrency: number;
  readonly timeoutMs: number;
}

/** The last lines of what a failing file wrote: enough for a server's error, little enough to find the failure. */
const shownOutputLines = 60;

/**
 * runTestFiles runs each file in a process of its own and counts tests, not suites. Failures are written whole, with what their
 * file wrote; tests that were skipped are named, since a skipped test proves nothing.
 */
export async function runTestFiles(
  root: string,
  files: readonly string[],
  limits: RunLimits,
  write: (text: string) => void,
): Promise<Count> {
  const output = new Map<string, string>();
  const failedFiles = new Set<string>();
  let count: Count | undefined;
  const events = run({
    files: files.map((file) => join(root, file)),
    cwd: root,
    concurrency: limits.concurrency,
    timeout: limits.timeoutMs,
    isolation: 'process',
  });
  const keep = (data: { readonly file?: string | undefined; readonly message: string }): void => {
    const file = data.file ?? '';
    output.set(file, lastLines((output.get(file) ?? '') + data.message));
  };
  events.on('test:stdout', keep);
  events.on('test:stderr', keep);
  events.on('test:fail', (data) => {
    // A suite fails because a test in it did; that one is shown.
    if (isSuiteOfFailedTests(data)) return;
    write(failureText(root, data));
    if (data.file !== undefined) failedFiles.add(data.file);
  });
  events.on('test:pass', (data) => {
    if (data.skip !== undefined && data.skip !== false)
      write(`not run: ${data.name}${data.skip === true ? '' : ` (${data.skip})`}\n`);
  });
  events.on('test:summary', (data) => {
    // Each file has a summary too; the one of the whole run names no file.
    if (data.file === undefined)
      count = { passed: data.counts.passed, failed: data.counts.tests - data.counts.passed - data.counts.skipped };
  });
  for await (const _event of events);
  for (const file of failedFiles) {
    const text = output.get(file);
    if (text !== undefined) write(`output of ${relative(root, file)}:\n${indented(text)}\n`);
  }
  return count ?? { passed: 0, failed: 1 };
}

function isSuiteOfFailedTests(data: EventData.TestFail): boolean {
  const { error } = data.details;
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

function failureText(root: string, data: EventData.TestFail): string {
  const { cause } = data.details.error;
  const place = data.file === undefined ? '' : `${relative(root, data.file)}${data.line === undefined ? '' : `:${data.line}`}`;
  const reason = cause instanceof Error ? inspect(cause) : data.details.error.message;
  return `FAILED ${data.name}  (${place})\n${indented(reason)}\n`;
}

function indented(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ');
}

function lastLines(text: string): string {
  return text.split('\n').slice(-shownOutputLines).join('\n');
}
