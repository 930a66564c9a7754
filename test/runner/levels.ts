import { globSync } from 'node:fs';

/** Level is one part of the run. Every test file belongs to exactly one, by its name (`belongs`). */
export interface Level {
  readonly name: string;
  /** Whether types, lint, format and the other programs of checks.ts run too. */
  readonly checks: boolean;
  readonly needsRoot: boolean;
  /** Test files at a time. On two cores unit tests gain from two; what measures the network or a whole installation does not. */
  readonly concurrency: number;
  /** For one test, and for one file: a hung one fails with its name instead of with the whole run. */
  readonly testTimeoutMs: number;
  readonly fileTimeoutMs: number;
  belongs(file: string): boolean;
}

const isGuard = (file: string): boolean => file.startsWith('test/guards/') || file.startsWith('test/runner/');
const isIntegration = (file: string): boolean => file.endsWith('.integration.test.ts');
const isEndToEnd = (file: string): boolean => file.endsWith('.e2e.test.ts');
const isPortal = (file: string): boolean => file.endsWith('.portal.test.ts');

/** levels in the order in which they run: what fails soonest comes first. */
export const levels: readonly Level[] = [
  {
    name: 'checks',
    checks: true,
    needsRoot: false,
    concurrency: 2,
    testTimeoutMs: 60_000,
    fileTimeoutMs: 120_000,
    belongs: isGuard,
  },
  {
    name: 'unit',
    checks: false,
    needsRoot: false,
    concurrency: 2,
    testTimeoutMs: 30_000,
    fileTimeoutMs: 60_000,
    belongs: (file) => !isGuard(file) && !isIntegration(file) && !isEndToEnd(file) && !isPortal(file),
  },
  {
    name: 'integration',
    checks: false,
    needsRoot: true,
    concurrency: 2,
    testTimeoutMs: 240_000,
    fileTimeoutMs: 420_000,
    belongs: isIntegration,
  },
  {
    name: 'e2e',
    checks: false,
    needsRoot: true,
    concurrency: 1,
    testTimeoutMs: 240_000,
    fileTimeoutMs: 420_000,
    belongs: isEndToEnd,
  },
  {
    name: 'portal',
    checks: false,
    needsRoot: true,
    // Chromium takes a core for itself.
    concurrency: 1,
    testTimeoutMs: 120_000,
    // One file opens every page twice.
    fileTimeoutMs: 600_000,
    belongs: isPortal,
  },
];

/** testFiles lists the level's files below `root`, sorted, as paths from there. */
export function testFiles(root: string, level: Pick<Level, 'belongs'>): string[] {
  return globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'packaging/**/*.test.ts'], { cwd: root })
    .filter((file) => level.belongs(file))
    .sort();
}
