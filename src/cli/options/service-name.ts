import { InvalidArgumentError } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { serviceNamePattern } from '../../core/service/service-plan.ts';

/** parseServiceName reads --name of `causeway service`, which becomes a file's name. */
export function parseServiceName(text: string): string {
  if (serviceNamePattern.test(text)) return text;
  throw new InvalidArgumentError(
    `${quoteInput(text)} cannot be the name of a service: give a lower-case letter, then up to 30 lower-case letters, digits and hyphens.`,
  );
}
