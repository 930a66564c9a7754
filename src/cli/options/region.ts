import { InvalidArgumentError } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { regionIds } from '../../core/region-ids.ts';

/** parseRegion reads the id of a region of the catalogue, so that nothing is set up for one that does not exist. */
export function parseRegion(text: string): string {
  if (regionIds.includes(text)) return text;
  throw new InvalidArgumentError(`${quoteInput(text)} is not a region; there are: ${regionIds.join(', ')}.`);
}
