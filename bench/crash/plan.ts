import { between, oneOf, seeded } from '../chaos/random.ts';

/**
 * Cut is what ends, without a word: `power` is everything at once with all that was not synchronised to the disk lost, `everything` the same without
 * that loss, the rest is one process with kill -9.
 */
export type Cut = 'power' | 'everything' | 'supervisor' | 'controller' | 'database' | 'backend' | 'signer' | 'agent';

/** Round is one cut, in the middle of writes: when so many were answered, and some milliseconds more. Time alone would mean less on a busy machine. */
export type Round = { readonly cut: Cut; readonly afterAnswers: number; readonly thenMs: number };

/** Of 20. A start of everything takes ten times as long as one of the database, and says more. */
const shares: Readonly<Record<Exclude<Cut, 'agent'>, number>> = {
  power: 3,
  everything: 1,
  supervisor: 1,
  controller: 3,
  database: 6,
  backend: 5,
  signer: 1,
};

/** What is drawn from where there is a gateway, and where there is none. */
const urns = {
  controller: Object.entries(shares).flatMap(([cut, share]) => Array.from({ length: share }, () => cut as Cut)),
  get whole(): readonly Cut[] {
    return [...this.controller, 'agent'];
  },
};

/** crashPlan draws the rounds; the same seed gives the same ones, and a longer plan begins like a shorter one. */
export function crashPlan(seed: number, rounds: number, gateway: boolean): readonly Round[] {
  const random = seeded(seed);
  const urn = gateway ? urns.whole : urns.controller;
  return Array.from({ length: rounds }, () => ({
    cut: oneOf(random, urn),
    afterAnswers: between(random, 1, 15),
    thenMs: between(random, 0, 30),
  }));
}
