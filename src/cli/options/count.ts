import { InvalidArgumentError } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';

/** parseCount reads a whole number of the range; `what` is what is counted, as in `number of seconds`. */
export function parseCount(text: string, minimum: number, maximum: number, what = 'number'): number {
  const count = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
  if (count >= minimum && count <= maximum) return count;
  throw new InvalidArgumentError(`${quoteInput(text)} is not a ${what} from ${String(minimum)} to ${String(maximum)}.`);
}
