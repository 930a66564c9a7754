/**
 * FlowLoss is what a ping met: requests without an answer, of how many that were sent, the longest time without one, and whether answers
 * came at the end.
 */
export type FlowLoss = { readonly lost: number; readonly sent: number; readonly longestGapMs: number; readonly back: boolean };

/** An answer that is older than this does not count as the last of an unbroken series; nor does a queue under load look like a loss. */
const staleMs = 300;

/** icmp_seq has 16 bits. */
const sequences = 0x1_0000;

/**
 * Answers follows the output of one `ping -D` while it comes: a line for each answer, stamped where it arrived. What is still on its way
 * at the end is no loss, so requests count as lost only when a later one was answered, or when nothing is answered any more.
 */
export class Answers {
  #rest = '';
  #last: { readonly sequence: number; readonly at: number } | null = null;
  #unbrokenSince = 0;
  #answered = 0;
  #lost = 0;
  #longestGapMs = 0;

  /** take reads the next piece of output, which may end in the middle of a line. */
  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, stamp, sequence] = /^\[(\d+\.\d+)\] \d+ bytes from .* icmp_seq=(\d+) /.exec(line) ?? [];
      if (stamp !== undefined && sequence !== undefined && !line.includes('DUP!'))
        this.#answer(Number(stamp) * 1000, Number(sequence));
    }
  }

  /** begin forgets what was sent and lost so far. */
  begin(): void {
    this.#answered = 0;
    this.#lost = 0;
    this.#longestGapMs = 0;
  }

  /** Clock time of the last answer in milliseconds; null: none came. */
  get lastAt(): number | null {
    return this.#last?.at ?? null;
  }

  /** unbrokenMs is for how long every request has been answered, up to now. */
  unbrokenMs(now: number): number {
    return this.#last === null || now - this.#last.at > staleMs ? 0 : now - this.#unbrokenSince;
  }

  /** loss counts up to now; `everyMs` is the spacing of the requests. */
  loss(now: number, everyMs: number): FlowLoss {
    const silentMs = this.#last === null ? 0 : now - this.#last.at;
    const back = this.#last !== null && silentMs <= staleMs;
    const lost = back ? this.#lost : this.#lost + Math.floor(silentMs / everyMs);
    const longestGapMs = Math.round(back ? this.#longestGapMs : Math.max(this.#longestGapMs, silentMs));
    return { lost, sent: this.#answered + lost, longestGapMs, back };
  }

  #answer(at: number, sequence: number): void {
    this.#answered += 1;
    const last = this.#last;
    if (last === null) {
      this.#last = { sequence, at };
      this.#unbrokenSince = at;
      return;
    }
    const ahead = (sequence - last.sequence + sequences) % sequences;
    this.#longestGapMs = Math.max(this.#longestGapMs, at - last.at);
    // Overtaken by a later one, as on a path that has just changed: it was counted as lost when that one came.
    if (ahead > sequences / 2) {
      this.#lost -= 1;
      this.#last = { sequence: last.sequence, at };
      return;
    }
    if (ahead > 1) {
      this.#lost += ahead - 1;
      this.#unbrokenSince = at;
    }
    this.#last = { sequence, at };
  }
}
