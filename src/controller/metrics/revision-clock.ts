/** As many as a gateway may be behind and its lag still be told exactly; one that is further behind is so for longer than the oldest. */
const kept = 1_000;

/** RevisionClock knows when this process first saw each revision, which tells for how long a gateway has been without it. */
export class RevisionClock {
  readonly #seen: { readonly revision: number; readonly at_ms: number }[] = [];

  /** seen notes a revision; one that is not newer than the last changes nothing. Times are in milliseconds since 1970. */
  seen(revision: number, at_ms: number): void {
    const last = this.#seen.at(-1);
    if (last !== undefined && last.revision >= revision) return;
    this.#seen.push({ revision, at_ms });
    if (this.#seen.length > kept) this.#seen.shift();
  }

  /** lag_s gives for how many seconds a newer revision than `applied` has been known; 0 when there is none. */
  lag_s(applied: number | null, now_ms: number): number {
    const missed = this.#seen.find(({ revision }) => revision > (applied ?? -1));
    return missed === undefined ? 0 : Math.max(0, (now_ms - missed.at_ms) / 1000);
  }
}
