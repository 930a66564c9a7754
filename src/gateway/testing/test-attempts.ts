import { randomUUID } from 'node:crypto';
import type { AttemptsDecided, ConnectAttempt, PasswordAttempt, PasswordOutcome } from '../../contract/connect-attempt.ts';
import { attemptsWaiting, connectAttempt, passwordAttempt } from '../../contract/connect-attempt.ts';

type Outcome = AttemptsDecided['decided'][number]['outcome'];
type Attempt = ConnectAttempt & { readonly attempt: string; state: 'waiting' | 'gone' | Outcome };

/** TestAttempts is the test controller's part of contract/connect-attempt.ts, with its states; the test is the person. */
export class TestAttempts {
  readonly started: Attempt[] = [];
  /** User names of the passwords that came. */
  readonly named: string[] = [];
  judge: (attempt: PasswordAttempt) => PasswordOutcome = () => ({ kind: 'wrong' });
  #waiting: (() => void)[] = [];

  /** decide is what the person does on the page. */
  decide(attempt: Attempt, outcome: Outcome): void {
    if (attempt.state !== 'waiting') throw new Error(`the attempt is ${attempt.state} already`);
    attempt.state = outcome;
    for (const look of this.#waiting.splice(0)) look();
  }

  /** answer gives the answer to a call below /gateway/v1/connect-attempts; undefined: 204. Rejects what is not part of the contract. */
  async answer(what: string, body: unknown): Promise<unknown> {
    switch (what) {
      case '': {
        const attempt: Attempt = { ...connectAttempt.parse(body), attempt: randomUUID(), state: 'waiting' };
        this.started.push(attempt);
        return {
          attempt: attempt.attempt,
          url: `https://causeway.test:8443/c/${'t'.repeat(20)}${String(10 + this.started.length)}`,
        };
      }
      case '/password': {
        const attempt = passwordAttempt.parse(body);
        this.named.push(attempt.username);
        return this.judge(attempt);
      }
      case '/gone':
        for (const attempt of this.#of(body)) attempt.state = 'gone';
        return undefined;
      case '/decided': {
        for (;;) {
          const decided = this.#of(body).flatMap(({ attempt, state }) =>
            state === 'waiting' || state === 'gone' ? [] : [{ attempt, outcome: state }],
          );
          if (decided.length > 0) return { decided };
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
      }
      default:
        throw new Error('not part of the contract');
    }
  }

  #of(body: unknown): Attempt[] {
    const { attempts } = attemptsWaiting.parse(body);
    return this.started.filter(({ attempt }) => attempts.includes(attempt));
  }
}
