import type { FailedStep, StepsResult } from './apply-steps.ts';
import { nothingDone } from './apply-steps.ts';
import type { Step } from './kernel-plan.ts';
import type { CommandRunner } from './run-command.ts';

/** Each round leaves out the lines that were refused; nft names all of them at once, so one round more is the rule. */
const mostRounds = 8;

/**
 * applyNft runs steps as one `nft -f -` transaction. If some are refused nothing of it happened: they are left out and the others are
 * tried again, so that one bad element does not keep everybody else out. Rejects only if nft cannot be started.
 */
export async function applyNft(steps: readonly Step[], run: CommandRunner): Promise<StepsResult> {
  if (steps.length === 0) return nothingDone;
  const failed: FailedStep[] = [];
  const gone: FailedStep[] = [];
  let left = steps.map((step, index) => ({ step, line: index + 1 }));
  for (let round = 0; round < mostRounds && left.length > 0; round += 1) {
    const { code, stderr } = await run('nft', ['-f', '-'], left.map(({ step }) => `${step.line}\n`).join(''));
    if (code === 0) return { done: [...gone, ...left].map(({ step }) => step), failed, skipped: [] };
    const causes = readErrors(stderr);
    const { refused, others } = splitByLine(left, causes);
    // What is to be removed and is not there (a cut was quicker than the pass) is as wanted; only the transaction has to go without it.
    for (const failure of refused) (isGone(failure) ? gone : failed).push(failure);
    if (refused.length === 0) break;
    left = others;
  }
  const rest = left.map(({ step, line }): FailedStep => ({ step, line, cause: 'the transaction was refused as a whole' }));
  return { done: gone.map(({ step }) => step), failed: [...failed, ...rest], skipped: [] };
}

function isGone({ step, cause }: FailedStep): boolean {
  return step.change === 'remove' && cause.includes('No such file or directory');
}

type Numbered = { readonly step: Step; readonly line: number };

function splitByLine(
  left: readonly Numbered[],
  causes: ReadonlyMap<number, string>,
): { refused: FailedStep[]; others: Numbered[] } {
  const refused: FailedStep[] = [];
  const others: Numbered[] = [];
  let first = 1;
  for (const { step, line } of left) {
    const next = first + step.line.split('\n').length;
    let cause: string | undefined;
    for (let number = first; number < next; number += 1) cause ??= causes.get(number);
    if (cause === undefined) others.push({ step, line });
    else refused.push({ step, line, cause });
    first = next;
  }
  return { refused, others };
}

/** nft says `/dev/stdin:LINE:COLUMNS: Error: WHY`, then the line and marks below it. */
function readErrors(stderr: string): Map<number, string> {
  const causes = new Map<number, string>();
  for (const line of stderr.split('\n')) {
    const found = /^\S+?:(\d+):\d+-\d+: Error: (.*)$/.exec(line);
    if (found !== null && !causes.has(Number(found[1]))) causes.set(Number(found[1]), found[2] ?? '');
  }
  return causes;
}
