import type { FailedStep, StepsResult } from './apply-steps.ts';
import { nothingDone } from './apply-steps.ts';
import type { Step } from './kernel-plan.ts';
import type { CommandRunner } from './run-command.ts';

/**
 * applyIp runs steps with one `ip -force -batch -`: a failed one does not stop the others. Adding what is there and removing what is gone
 * count as done. Rejects only if ip cannot be started.
 */
export async function applyIp(steps: readonly Step[], run: CommandRunner): Promise<StepsResult> {
  if (steps.length === 0) return nothingDone;
  const { code, stderr } = await run('ip', ['-force', '-batch', '-'], steps.map(({ line }) => `${line}\n`).join(''));
  const { causes, rest } = readFailures(stderr);
  const refused = steps.flatMap((step, index): FailedStep[] => {
    const cause = causes.get(index + 1);
    return cause === undefined || isReached(step, cause) ? [] : [{ step, line: index + 1, cause }];
  });
  if (code !== 0 && causes.size === 0)
    return { done: [], failed: unplaced(steps, rest === '' ? `ip ended with ${String(code)}` : rest), skipped: [] };
  // ip leaves the batch at a word that it cannot read, although -force is given: what came after was not run.
  const last = rest === '' ? steps.length : Math.max(...causes.keys());
  const lost = new Set(refused.filter(({ step }) => step.object.startsWith('tun ')).map(({ step }) => step.device));
  const failed = refused.filter(
    ({ step }) => step.object.startsWith('tun ') || step.device === undefined || !lost.has(step.device),
  );
  const unsettled = new Set(refused.map(({ step }) => step));
  return {
    done: steps.filter((step, index) => index < last && !unsettled.has(step)),
    failed: [...failed, ...unplaced(steps.slice(last), rest)],
    skipped: refused.filter((failure) => !failed.includes(failure)).map(({ step }) => step),
  };
}

/** The first of them is the culprit or comes before it; the next pass finds out which. */
function unplaced(steps: readonly Step[], cause: string): FailedStep[] {
  return steps.map((step, index) => ({ step, line: index + 1, cause }));
}

/** What ip prints for a line is followed by `Command failed -:LINE`. */
function readFailures(stderr: string): { readonly causes: ReadonlyMap<number, string>; readonly rest: string } {
  const causes = new Map<number, string>();
  let words: string[] = [];
  for (const line of stderr.split('\n')) {
    const end = /^Command failed -:(\d+)$/.exec(line.trim());
    if (end === null) words.push(line.trim());
    else {
      causes.set(Number(end[1]), words.filter((word) => word !== '').join('; '));
      words = [];
    }
  }
  return { causes, rest: words.filter((word) => word !== '').join('; ') };
}

/** The words of the kernel and of iproute2 6.1 for "it is as you want it already". */
function isReached(step: Step, cause: string): boolean {
  if (step.change === 'add') return /File exists|Address already assigned/.test(cause);
  return /No such process|No such file or directory|Cannot find device|Cannot assign requested address/.test(cause);
}
