import { InvalidArgumentError } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';

/** parseRegion reads a region id; whether the region exists is the controller's to say. */
export function parseRegion(text: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError(
    `${quoteInput(text)} is not the id of a region: give lower-case letters, digits and dashes, at most 40, such as us-west-1 or eu-central-1.`,
  );
}
