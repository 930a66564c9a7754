/** Every code of a condition, which `causeway status` and the metric `causeway_problem` name; docs/housekeeping.md explains each. */
export type ConditionCode =
  | 'ca-expiring'
  | 'ca-old-profiles'
  | 'certificate-expiring'
  | 'certificate-not-renewed'
  | 'clock-behind'
  | 'clock-differs'
  | 'clock-jumped'
  | 'connector-shut-out'
  | 'disk-full'
  | 'disk-low'
  | 'sweep-held';

/** Condition is something that is not as it should be and does not mend itself. */
export type Condition = {
  /** What it is about, the same as long as it lasts. */
  readonly key: string;
  readonly code: ConditionCode;
  /** How far it has come; a change is told like a beginning. Empty where there is but one. */
  readonly level: string;
  readonly entity: string;
  readonly entityId: string;
  /** Sentences for people: what is wrong with what, and what to do. */
  readonly message: string;
};

/** HeldCondition is one that was told. */
export type HeldCondition = Pick<Condition, 'key' | 'code' | 'level' | 'entity' | 'entityId'>;

/** ConditionChanges is what is to be told. */
export type ConditionChanges = {
  /** Those that were not there, or have another code or level. */
  readonly begun: readonly Condition[];
  readonly ended: readonly HeldCondition[];
};

/** conditionChanges compares what was told with what is. */
export function conditionChanges(held: readonly HeldCondition[], current: readonly Condition[]): ConditionChanges {
  const before = new Map(held.map((each) => [each.key, each]));
  const keys = new Set(current.map(({ key }) => key));
  return {
    begun: current.filter(({ key, code, level }) => {
      const known = before.get(key);
      return known === undefined || known.code !== code || known.level !== level;
    }),
    ended: held.filter(({ key }) => !keys.has(key)),
  };
}
