import type { AppliedChange } from '../contract/gateway.ts';
import type { Step } from './kernel/kernel-plan.ts';

/** What the controller has not been told of yet; after a week without it the last of them are enough. */
const mostUntold = 100;

/** Enough to see what a change came to; a change of 10,000 prefixes is told by its numbers. */
const mostCommands = 20;
const longestCommand = 200;

/**
 * AppliedChanges follows revisions from their coming to the kernel having them. A revision that comes while another is being applied is applied
 * with it: the newest is told, and stands for those between. What was written at once, before the pass (a cut, a move), belongs to the revision
 * that is told next.
 */
export class AppliedChanges {
  readonly #received = new Map<number, number>();
  readonly #untold: AppliedChange[] = [];
  #urgent: Step[] = [];
  #told = -1;

  /** received notes that a revision came from the controller, at `now` in milliseconds since 1970. */
  received(revision: number, now: number): void {
    if (revision > this.#told && !this.#received.has(revision)) this.#received.set(revision, now);
  }

  /** wrote notes steps that did not wait for a pass. */
  wrote(steps: readonly Step[]): void {
    if (this.#received.size > 0) this.#urgent.push(...steps);
  }

  /** applied tells that the kernel has `revision`; gives what is new in that, null where nothing is. */
  applied(revision: number, done: readonly Step[], now: number): AppliedChange | null {
    const since = [...this.#received].filter(([each]) => each <= revision).map(([, at]) => at);
    if (since.length === 0 || revision <= this.#told) return null;
    for (const each of this.#received.keys()) if (each <= revision) this.#received.delete(each);
    const receivedAt = Math.min(...since);
    const steps = [...this.#urgent, ...done];
    this.#urgent = [];
    this.#told = revision;
    const change: AppliedChange = {
      revision,
      receivedAt: new Date(receivedAt).toISOString(),
      appliedAt: new Date(now).toISOString(),
      tookMs: Math.max(0, now - receivedAt),
      steps: countedSteps(steps),
      commands: steps
        .flatMap(({ line }) => line.split('\n').slice(0, mostCommands))
        .slice(0, mostCommands)
        .map((line) => line.slice(0, longestCommand)),
    };
    this.#untold.push(change);
    if (this.#untold.length > mostUntold) this.#untold.shift();
    return change;
  }

  /** untold gives what is to be reported, oldest first. */
  get untold(): readonly AppliedChange[] {
    return this.#untold;
  }

  /** delivered forgets what has arrived. */
  delivered(told: readonly AppliedChange[]): void {
    const arrived = new Set(told);
    this.#untold.splice(0, this.#untold.length, ...this.#untold.filter((change) => !arrived.has(change)));
  }
}

function countedSteps(steps: readonly Step[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const step of steps) {
    const kind = kindOf(step);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** By the command itself: `ip route …`, `ip rule …`, `nft add element …`, the text of the whole nft table. */
function kindOf({ line }: Step): string {
  if (/^(?:add|delete) element /.test(line)) return 'element';
  const [word = ''] = line.split(' ', 1);
  return kinds[word] ?? 'table';
}

const kinds: Readonly<Record<string, string>> = {
  route: 'route',
  rule: 'rule',
  addr: 'address',
  address: 'address',
  link: 'device',
  tuntap: 'device',
};

/** changeText says it in a line of the log, with what it can be searched by. */
export function changeText({ revision, tookMs, steps }: AppliedChange): string {
  const counts = Object.entries(steps).map(
    ([kind, count]) => `${String(count)} ${kind}${count === 1 ? '' : kind === 'address' ? 'es' : 's'}`,
  );
  const what = counts.length === 0 ? 'the kernel had all of it' : counts.join(', ');
  return `applied revision ${String(revision)} in ${String(Math.round(tookMs))} ms: ${what}`;
}
