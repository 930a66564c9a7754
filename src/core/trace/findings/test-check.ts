import type { Cause } from '../cause.ts';
import type { FlowCheck, Trace } from '../result.ts';
import { trace } from '../result.ts';
import { step } from '../step.ts';
import type { Direction } from '../words.ts';

const node = { kind: 'connector', id: 'connector:x', label: 'hq-1' } as const;

/** checkWith is a check whose trace in this direction is dropped at a connector, for this cause; `passing` causes stand on steps before. */
export function checkWith(
  direction: Direction,
  cause: Cause,
  passing: readonly Cause[] = [],
): Pick<FlowCheck, 'forward' | 'reverse'> {
  const begin = direction === 'forward' ? 'originate' : 'reply-originate';
  const broken = hopOf([
    step(begin, 'pass', 'it begins'),
    ...passing.map((each) => step('nat', 'pass', 'goes on', { cause: each })),
    step('route', 'drop', 'ends here', { cause, quote: 'as the machine says' }),
  ]);
  const dropped = trace('dropped', [broken]);
  return direction === 'forward' ? { forward: dropped, reverse: null } : { forward: delivered(), reverse: dropped };
}

function delivered(): Trace {
  return trace('delivered', [hopOf([step('originate', 'pass', 'it begins'), step('deliver', 'pass', 'it is taken')])]);
}

function hopOf(steps: Trace['hops'][number]['steps']): Trace['hops'][number] {
  return { node, in: null, out: null, steps, tutorial: [] };
}
