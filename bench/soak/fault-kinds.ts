/** What the soak breaks. `Part` is what a fault is done to: two faults at a time never have the same. */
export type Part =
  | 'controller'
  | 'database'
  | 'signer'
  | 'agent'
  | 'people lane'
  | 'connector lane'
  | 'connector agent'
  | 'connector tunnel'
  | 'connector link'
  | 'disk'
  | 'uplink'
  | 'whole';

/** FaultRule says of a kind what it may cost, and how long it lasts. */
export type FaultRule = {
  readonly part: Part;
  /** For how long it lasts before it is undone; a kill is done at once and needs no undoing. */
  readonly lastsMs: readonly [number, number];
  /** From the undoing (or the kill) until everything is as before, on a machine that has a core to spare. */
  readonly boundMs: number;
  /** No packet of anybody may be lost, not even while it lasts (docs/operating.md, "What survives what"). */
  readonly harmless: boolean;
};

const kill = (part: Part, boundMs: number, harmless: boolean): FaultRule => ({ part, lastsMs: [0, 0], boundMs, harmless });
const freeze = (part: Part, boundMs: number, harmless: boolean): FaultRule => ({
  part,
  lastsMs: [2_000, 8_000],
  boundMs,
  harmless,
});

/** faultKinds are all of them. Clients of people notice after 20 s of silence that their lane was killed: nobody tells them. */
export const faultKinds = {
  'kill controller': kill('controller', 10_000, true),
  'kill database': kill('database', 10_000, true),
  'kill signer': kill('signer', 10_000, true),
  'kill agent': kill('agent', 10_000, true),
  'kill supervisor': kill('whole', 15_000, true),
  "kill people's lane": kill('people lane', 45_000, false),
  "kill connector's lane": kill('connector lane', 45_000, false),
  "kill connector's agent": kill('connector agent', 15_000, true),
  "kill connector's tunnel": kill('connector tunnel', 45_000, false),
  'kill everything': kill('whole', 60_000, false),
  'cut the power': kill('whole', 60_000, false),
  'freeze controller': freeze('controller', 10_000, true),
  'freeze database': freeze('database', 10_000, true),
  'freeze signer': freeze('signer', 10_000, true),
  'freeze agent': freeze('agent', 15_000, true),
  "freeze connector's tunnel": freeze('connector tunnel', 45_000, false),
  'fill the disk': { part: 'disk', lastsMs: [4_000, 10_000], boundMs: 20_000, harmless: true },
  "cut connector's link": { part: 'connector link', lastsMs: [2_000, 15_000], boundMs: 45_000, harmless: false },
  "cut gateway's uplink": { part: 'uplink', lastsMs: [2_000, 30_000], boundMs: 60_000, harmless: false },
  "lose a tenth at gateway's uplink": { part: 'uplink', lastsMs: [5_000, 15_000], boundMs: 45_000, harmless: false },
} as const satisfies Record<string, FaultRule>;

export type FaultKind = keyof typeof faultKinds;

export const allFaultKinds = Object.keys(faultKinds) as readonly FaultKind[];

export function ruleOf(kind: FaultKind): FaultRule {
  return faultKinds[kind];
}
