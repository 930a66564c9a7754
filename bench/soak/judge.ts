/** What the soak sees, and which of it must not be. Pure. */

/** Sample is one look at everything, once a second: what was counted since the look before. */
export type Sample = {
  readonly atMs: number;
  /** Pings that were lost, by the name of their flow. */
  readonly lost: ReadonlyMap<string, number>;
  /** What reached something although policy denies it, in words. */
  readonly reached: readonly string[];
  /** Transfers that came to nothing, and transfers that came with other bytes than were sent. */
  readonly failedTransfers: number;
  readonly wrongTransfers: number;
};

/** Window is from the first fault of a turn until everything was as before; `toMs` null: it is still open. */
export type Window = {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly faults: readonly string[];
  /** Every fault in it is one that nobody should feel. */
  readonly harmless: boolean;
};

/** A loss is seen when a later ping is answered, so it may be counted a little after the window that it belongs to. */
const lateMs = 1_500;

/** judge names what must not be in a sample; windows are those of the whole run. */
export function judge(sample: Sample, windows: readonly Window[]): readonly string[] {
  const violations = sample.reached.map((what) => `reached although denied: ${what}`);
  if (sample.wrongTransfers > 0) violations.push(`${sample.wrongTransfers} transfers with wrong bytes`);
  const open = windows.find(({ fromMs, toMs }) => sample.atMs >= fromMs && (toMs === null || sample.atMs <= toMs + lateMs));
  if (open !== undefined && !open.harmless) return violations;
  const when = open === undefined ? 'outside of any fault' : `during ${open.faults.join(' and ')}, which nobody should feel`;
  for (const [flow, lost] of sample.lost) if (lost > 0) violations.push(`${lost} pings lost ${when}: ${flow}`);
  if (sample.failedTransfers > 0) violations.push(`${sample.failedTransfers} transfers failed ${when}`);
  return violations;
}

/** Point is one measurement of something that must not grow. */
export type Point = { readonly atMs: number; readonly value: number };

/** trend is how much a series has grown over its time, by the line that fits it best; 0 for fewer than three points. */
export function trend(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 3) return 0;
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanAt, meanValue] = [mean(({ atMs }) => atMs), mean(({ value }) => value)];
  const spread = points.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
  if (spread === 0) return 0;
  const slope = points.reduce((sum, { atMs, value }) => sum + (atMs - meanAt) * (value - meanValue), 0) / spread;
  return slope * (last.atMs - first.atMs);
}
