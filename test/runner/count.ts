/** Count is the result of a part of the run; a check counts as one test. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export const noCount: Count = { passed: 0, failed: 0 };

export function added(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** countLine is the form that CI and people read; for the whole run it is the last line. */
export function countLine(count: Count): string {
  return `${count.passed} passed, ${count.failed} failed`;
}
