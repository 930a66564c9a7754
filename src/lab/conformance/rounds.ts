import type { ConformanceRow, HealthyRow, PairRow } from '../../contract/cli/lab-conformance.ts';
import { conformanceFaults } from './catalogue.ts';
import { healthyVariants } from './healthy.ts';
import { pairNamed } from './pair.ts';
import { chosenPairs, drawPairs } from './pairs.ts';
import { runFault } from './run-fault.ts';
import { runHealthy } from './run-healthy.ts';
import { runPair } from './run-pair.ts';
import type { Mode, Standing } from './standing.ts';

/** Round is one thing that is tried on a standing topology; it leaves everything as it found it. */
export type Round = {
  readonly name: string;
  readonly mode: Mode;
  readonly run: (standing: Standing) => Promise<RoundRow>;
};

export type RoundRow =
  | { readonly kind: 'fault'; readonly row: ConformanceRow }
  | { readonly kind: 'pair'; readonly row: PairRow }
  | { readonly kind: 'healthy'; readonly row: HealthyRow };

/** Chosen is what is tried: faults and pairs by name, else all; of pairs the usual sample, or with a seed as many others. */
export type Chosen = { readonly faults: readonly string[]; readonly seed: number | null };

/** roundsOf are the rounds, by mode, which changes as seldom as possible: Bob's client connects again when his internet access changes. */
export function roundsOf({ faults: names, seed }: Chosen): readonly Round[] {
  const faults = [...conformanceFaults].map(
    ([name, fault]): Round => ({
      name,
      mode: fault.mode,
      run: async (standing) => ({ kind: 'fault', row: await runFault(standing, name, fault) }),
    }),
  );
  const named = names.map((name) => pairNamed(name)).filter((pair) => pair !== undefined);
  const sample = seed === null ? chosenPairs : drawPairs(seed);
  const pairs = (names.length === 0 ? sample : named).map(
    (pair): Round => ({
      name: pair.name,
      mode: pair.faults[0].mode,
      run: async (standing) => ({ kind: 'pair', row: await runPair(standing, pair) }),
    }),
  );
  const healthy = healthyVariants.map(
    (variant): Round => ({
      name: variant.name,
      mode: variant.mode,
      run: async (standing) => ({ kind: 'healthy', row: await runHealthy(standing, variant) }),
    }),
  );
  const all = [...faults, ...pairs, ...healthy];
  return all
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .sort((one, other) => modes.indexOf(one.mode) - modes.indexOf(other.mode));
}

const modes: readonly Mode[] = ['masquerade', 'routed', 'internet'];

/** isRound tells whether --fault may take a name: that of a fault, of two that stand together, or of a healthy set-up. */
export function isRound(name: string): boolean {
  return conformanceFaults.has(name) || pairNamed(name) !== undefined || healthyVariants.some((variant) => variant.name === name);
}
