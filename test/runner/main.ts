/**
 * What `causeway test [LEVEL]` runs, here and in CI: the checks and the test files of each level, one line per level, failures
 * whole, and `N passed, N failed` alone on the last line. Adding a test needs nothing here: levels.ts sorts files by name.
 *
 * Tests of the runner: causeway node --test 'test/runner/*.test.ts'
 */
import { join } from 'node:path';
import { runChecks } from './checks.ts';
import type { Count } from './count.ts';
import { added, countLine, noCount } from './count.ts';
import type { Level } from './levels.ts';
import { levels, testFiles } from './levels.ts';
import { runTestFiles } from './test-files.ts';
import { runWhereAllMayRead } from './visible-checkout.ts';

const root = join(import.meta.dirname, '..', '..');
const [named] = process.argv.slice(2);
runWhereAllMayRead(root, process.argv.slice(2));
const chosen = named === undefined ? levels : levels.filter((level) => level.name === named);

process.exitCode = (await runLevels(chosen)) ? 0 : 1;

async function runLevels(wanted: readonly Level[]): Promise<boolean> {
  const asUser = process.getuid?.() !== 0 && wanted.some((level) => level.needsRoot);
  if (asUser) {
    process.stderr.write(
      'the integration and e2e levels need root: they make network namespaces; run `causeway test unit` or use root\n',
    );
    return false;
  }
  let total = noCount;
  for (const level of wanted) total = added(total, await runLevel(level));
  if (wanted.length === 0) {
    process.stdout.write(`there is no level ${named ?? ''} yet, so nothing was run\n`);
  }
  process.stdout.write(`${countLine(total)}\n`);
  return total.failed === 0 && total.passed > 0;
}

async function runLevel(level: Level): Promise<Count> {
  const started = performance.now();
  const write = (text: string): void => void process.stdout.write(text);
  const checked = level.checks ? await runChecks(root, write) : noCount;
  const files = testFiles(root, level);
  // A level that has lost its files must not look like one that passed.
  const tested = files.length === 0 ? { passed: 0, failed: 1 } : await runTestFiles(root, files, level, write);
  if (files.length === 0) write(`the level ${level.name} has no test file\n`);
  const count = added(checked, tested);
  write(`${level.name.padEnd(12)} ${countLine(count)}, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  return count;
}
