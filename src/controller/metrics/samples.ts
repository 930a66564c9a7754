import type { AskedName, LabelsOf } from './metric-table.ts';

/** Sample is one value of one series. */
export type Sample = { readonly name: AskedName; readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** Samples collects what an answer says of the moment. */
export class Samples {
  readonly #all: Sample[] = [];

  /** add notes a value; what is not known (null, undefined, not a number) has no series. */
  add<Name extends AskedName>(name: Name, labels: LabelsOf<Name>, value: number | null | undefined): void {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    this.#all.push({ name, labels, value });
  }

  /** flag notes a yes or no. */
  flag<Name extends AskedName>(name: Name, labels: LabelsOf<Name>, is: boolean): void {
    this.add(name, labels, is ? 1 : 0);
  }

  /** instant notes a time, in seconds since 1970. */
  instant<Name extends AskedName>(name: Name, labels: LabelsOf<Name>, at: Date | null | undefined): void {
    this.add(name, labels, at === null || at === undefined ? null : at.getTime() / 1000);
  }

  all(): readonly Sample[] {
    return this.#all;
  }
}
