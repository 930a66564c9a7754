import { join, relative } from 'node:path';
import type { EventData } from 'node:test';
import { run } from 'node:test';
import { inspect } from 'node:util';
import type { Count } from './count.ts';
import { added, noCount } from './count.ts';

/** RunLimits bound a run of test files; see Level. */
export interface RunLimits {
  /** Files at a time. */
  readonly concurrency: number;
  readonly testTimeoutMs: number;
  /** node:test waits for ever for a file whose tests are done and that left a timer or a server behind; we stop it. */
  readonly fileTimeoutMs: number;
}

type Write = (text: string) => void;

/** The last lines of what a failing file wrote: enough for a server's error, little enough to find the failure. */
const shownOutputLines = 60;

/**
 * runTestFiles runs each file in a process of its own and counts tests, not suites. Failures are written whole, with what their
 * file wrote; tests that were skipped are named, since a skipped test proves nothing.
 */
export async function runTestFiles(root: string, files: readonly string[], limits: RunLimits, write: Write): Promise<Count> {
  const queue = [...files];
  let total = noCount;
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const count = await runTestFile(root, file, limits, write);
      total = added(total, count);
    }
  };
  await Promise.all(Array.from({ length: limits.concurrency }, worker));
  return total;
}

async function runTestFile(root: string, file: string, limits: RunLimits, write: Write): Promise<Count> {
  const signal = AbortSignal.timeout(limits.fileTimeoutMs);
  const events = run({ files: [join(root, file)], cwd: root, timeout: limits.testTimeoutMs, isolation: 'process', signal });
  let output: string[] = [];
  let report = '';
  let count: Count = { passed: 0, failed: 1 };
  const keep = (text: string): void => {
    output = (output.join('\n') + text).split('\n').slice(-shownOutputLines);
  };
  events.on('test:stdout', ({ message }) => keep(message));
  events.on('test:stderr', ({ message }) => keep(message));
  events.on('test:diagnostic', (data) => {
    // Those without a file are the summary, which we write ourselves.
    if (data.file !== undefined) keep(`${data.message}\n`);
  });
  events.on('test:fail', (data) => {
    // A suite fails because a test in it did; that one is shown.
    if (!isSuiteOfFailedTests(data)) report += failureText(root, file, data, limits);
  });
  events.on('test:pass', ({ name, skip }) => {
    if (skip !== undefined && skip !== false) write(`not run: ${name}${skip === true ? '' : ` (${skip})`}\n`);
  });
  events.on('test:summary', ({ file: ofOneFile, counts }) => {
    if (ofOneFile === undefined) count = { passed: counts.passed, failed: counts.tests - counts.passed - counts.skipped };
  });
  for await (const _event of events);
  if (count.failed === 0) return count;
  write(report === '' ? `FAILED ${file}\n` : report);
  const written = output.join('\n').trim();
  if (written !== '') write(`output of ${file}:\n${indented(written)}\n`);
  return count;
}

function isSuiteOfFailedTests(data: EventData.TestFail): boolean {
  const { error } = data.details;
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

function failureText(root: string, file: string, data: EventData.TestFail, limits: RunLimits): string {
  const { error } = data.details;
  if ('failureType' in error && error.failureType === 'testAborted') {
    return `FAILED ${file}\n    it did not end within ${limits.fileTimeoutMs / 1000} s: a test hangs, or left a timer, a server or a child process behind\n`;
  }
  const name = data.name === join(root, file) ? file : `${data.name}  (${relative(root, data.file ?? file)}:${data.line ?? 1})`;
  return `FAILED ${name}\n${indented(reasonOf(error))}\n`;
}

function reasonOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // An assertion's stack has the difference already; inspect would add both whole values, and for others it adds the causes.
  return 'generatedMessage' in cause && cause.stack !== undefined ? cause.stack : inspect(cause);
}

function indented(text: string): string {
  return text.trimEnd().replace(/^(?=.)/gm, '    ');
}
