import { CausewayError } from '../../contract/errors.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { SignedIn } from './sign-in.ts';

/** countSignIn counts what came of an attempt: signed in, a second factor to come, refused, too many failures, or a fault of ours. */
export async function countSignIn<Outcome extends SignedIn>(
  metrics: Metrics,
  way: 'password' | 'second-factor' | 'passkey',
  attempt: Promise<Outcome>,
): Promise<Outcome> {
  const count = (result: string) => metrics.count('causeway_sign_ins_total', { way, result });
  try {
    const outcome = await attempt;
    count(outcome.kind);
    return outcome;
  } catch (error) {
    const code = error instanceof CausewayError ? error.code : 'internal';
    count(code === 'rate-limited' ? 'limited' : code === 'internal' || code === 'unavailable' ? 'failed' : 'refused');
    throw error;
  }
}
