import { InvalidArgumentError } from 'commander';
import { everySeconds } from '../../contract/cli/backup-options.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';

const unitSeconds = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** parseInterval reads a time between two backups, such as 12h or 1d, and gives seconds. */
export function parseInterval(text: string): number {
  const match = /^([1-9]\d{0,5})([mhdw])$/.exec(text);
  const unit = match?.[2] as keyof typeof unitSeconds | undefined;
  const seconds = everySeconds.safeParse(unit === undefined ? undefined : Number(match?.[1]) * unitSeconds[unit]);
  if (seconds.success) return seconds.data;
  throw new InvalidArgumentError(
    `${quoteInput(text)} is not a time from 15m to 366d: give a number with m, h, d or w, such as 12h or 1d.`,
  );
}
