import { sql } from 'kysely';
import type { Reader } from '../store/database.ts';
import type { Condition } from './condition.ts';

/** The longest time between two sweeps that nobody wonders about: a weekend and a holiday. */
const longestPause = '7 days';

/** Long enough for somebody to see it and set the clock. */
const heldFor = '24 hours';

/**
 * beginSweep notes that a sweep begins and says whether it may delete records. After a long pause it may not for a day: either the installation was switched
 * off, then a day does no harm; or the clock is far ahead, and everything would go that is not a month old. Tokens and links may go in any case: they
 * have ended by that clock. A clock that goes back ends the pause.
 */
export async function beginSweep(reader: Reader): Promise<{ readonly mayDeleteRecords: boolean }> {
  const { rows } = await sql<{ held: boolean }>`
    update sweep_state set
      held_since = case
        when swept_at is null or swept_at > now() - ${longestPause}::interval then null
        else least(coalesce(held_since, now()), now()) end,
      swept_at = case
        when swept_at is null or swept_at > now() - ${longestPause}::interval then now()
        when held_since < now() - ${heldFor}::interval then now()
        else swept_at end
    returning swept_at < now() as held`.execute(reader);
  return { mayDeleteRecords: rows[0]?.held !== true };
}

/** sweepConditions says that records are not deleted for now, and why. */
export async function sweepConditions(reader: Reader, now: Date): Promise<Condition[]> {
  const { swept_at, held_since } = await reader
    .selectFrom('sweep_state')
    .select(['swept_at', 'held_since'])
    .executeTakeFirstOrThrow();
  if (held_since === null || swept_at === null || swept_at > held_since) return [];
  const until = new Date(held_since.getTime() + 86_400_000).toISOString();
  return [
    {
      key: 'sweep-held',
      code: 'sweep-held',
      level: '',
      entity: 'installation',
      entityId: 'sweep',
      message: `Old records were last deleted at ${swept_at.toISOString()}, and the clock says ${now.toISOString()}: if the installation was switched off meanwhile, nothing is to be done, and they are deleted after ${until}. If the clock is wrong, set it before then, or records that are not old will go.`,
    },
  ];
}
