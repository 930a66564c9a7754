import { setTimeout as delay } from 'node:timers/promises';
import {
  attemptLifetime_s,
  attemptsDecided,
  longestPendingText,
  longestWait_s,
  passwordOutcome,
  startedAttempt,
} from '../../contract/connect-attempt.ts';
import type { ControllerClient } from '../controller-client.ts';
import type { Question, Refusal, RefusalReason } from '../decision.ts';
import { refuse } from '../decision.ts';
import type { Log } from '../log.ts';
import { explain } from '../log.ts';
import { challenge } from './challenge.ts';

export type QuestionsParts = {
  readonly client: Pick<ControllerClient, 'post'>;
  readonly log: Log;
  /** Milliseconds before the controller is asked again after a failure. */
  readonly retryMs: number;
};

/** Verdict is what came of a question. `moot`: what is known by now decides without it. */
export type Verdict = { readonly kind: 'approved' } | { readonly kind: 'moot' } | Refusal;

/** Asking is a client that has to wait for its person. */
export type Asking = {
  readonly question: Question;
  readonly clientAddress: string;
  /** Has the client show a page; `text` fits into a management command. */
  readonly show: (text: string, seconds: number) => void;
  readonly isMoot: () => boolean;
};

/** Asked is a question that is under way. `verdict` never rejects; `giveUp` tells that the client is gone. */
export type Asked = { readonly verdict: Promise<Verdict>; readonly giveUp: () => void };

type Entry = { readonly asking: Asking; readonly settle: (verdict: Verdict) => void; isSettled: boolean };

/** Argon2 for a few people at once, on a machine that has other things to do. */
const answerWithinMs = 10_000;

/**
 * Questions has the controller ask people who they are, and gives what came of it. Passwords are passed on in one request and kept nowhere.
 *
 * States of one question: asking (the controller is told) -> settled, for a password; asking -> open (the page is shown) -> settled, by the
 * person, by `attemptLifetime_s`, by a configuration (`reconsider`), or by the client that gives up. One poll runs for all that are open and
 * begins anew when one is added. While the controller is away open ones wait: it may be back before their time is over.
 */
export class Questions {
  readonly #parts: QuestionsParts;
  readonly #entries = new Set<Entry>();
  /** By the controller's id of the attempt. */
  readonly #open = new Map<string, Entry>();
  #poll = new AbortController();
  #isHeard = true;

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  ask(asking: Asking): Asked {
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const settle = (verdict: Verdict): void => {
      entry.isSettled = true;
      this.#entries.delete(entry);
      resolve(verdict);
    };
    const entry: Entry = { asking, settle, isSettled: false };
    this.#entries.add(entry);
    this.#begin(entry).catch((cause: unknown) => {
      this.#parts.log.warn('asking who a client is', cause);
      settle(refusal(asking, 'authentication-unavailable'));
    });
    return { verdict: promise, giveUp: () => this.#giveUp(entry) };
  }

  /** reconsider settles what a new configuration decides: the device is suspended, or is not to be asked any more. */
  reconsider(): void {
    for (const entry of this.#entries) {
      if (!entry.asking.isMoot()) continue;
      this.#giveUp(entry);
    }
  }

  /** close lets all wait no longer; their clients ask again, whoever answers then. */
  close(): void {
    this.#poll.abort();
    for (const { asking, settle } of this.#entries) settle(refusal(asking, 'authentication-again'));
  }

  async #begin(entry: Entry): Promise<void> {
    const { means, serial, endpoint } = entry.asking.question;
    const who = { serial, clientAddress: entry.asking.clientAddress };
    switch (means.kind) {
      case 'password': {
        const outcome = passwordOutcome.parse(await this.#post('/password', { ...who, ...means.credentials }));
        switch (outcome.kind) {
          case 'approved':
            return entry.settle({ kind: 'approved' });
          case 'wrong':
            return entry.settle(refusal(entry.asking, 'authentication-wrong'));
          case 'too-many':
            return entry.settle(refusal(entry.asking, 'authentication-too-often'));
          case 'second-factor-missing':
            return entry.settle(refusal(entry.asking, 'authentication-without-factor'));
          case 'second-factor': {
            const words = challenge(outcome.state, means.credentials.username);
            return entry.settle(refuse('authentication-second-factor', endpoint, words));
          }
        }
      }
      case 'page': {
        const { attempt, url } = startedAttempt.parse(await this.#post('', who));
        if (entry.isSettled) return this.#tellGone(attempt);
        const text = `${means.text}${url}`;
        if (text.length > longestPendingText) {
          throw new RangeError(
            `the link to sign in has ${String(text.length)} characters; openvpn takes 255, so a shorter --hostname is needed`,
          );
        }
        return this.#openPage(entry, attempt, text);
      }
    }
  }

  #openPage(entry: Entry, attempt: string, text: string): void {
    this.#open.set(attempt, entry);
    // The controller ends it at the same time; this is for when it is away.
    const late = setTimeout(
      () => {
        this.#open.delete(attempt);
        entry.settle(refusal(entry.asking, this.#isHeard ? 'authentication-expired' : 'authentication-unavailable'));
      },
      (attemptLifetime_s + 5) * 1000,
    );
    late.unref();
    entry.asking.show(text, attemptLifetime_s);
    this.#poll.abort();
    this.#poll = new AbortController();
    void this.#follow(this.#poll.signal);
  }

  #giveUp(entry: Entry): void {
    if (entry.isSettled) return;
    entry.settle({ kind: 'moot' });
    for (const [attempt, open] of this.#open) {
      if (open !== entry) continue;
      this.#open.delete(attempt);
      this.#tellGone(attempt);
    }
  }

  /** Best effort: what is not told ends by itself within minutes, and till then leads to nobody who waits. */
  #tellGone(attempt: string): void {
    this.#post('/gone', { attempts: [attempt] }).catch(() => undefined);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#open.size > 0) {
      try {
        const answer = await this.#post('/decided', { attempts: [...this.#open.keys()] }, signal);
        this.#isHeard = true;
        for (const { attempt, outcome } of attemptsDecided.parse(answer).decided) {
          const entry = this.#open.get(attempt);
          this.#open.delete(attempt);
          entry?.settle(outcome === 'approved' ? { kind: 'approved' } : refusal(entry.asking, `authentication-${outcome}`));
        }
      } catch (cause) {
        if (signal.aborted) return;
        if (this.#isHeard) this.#parts.log.warn(`waiting for people to sign in: ${explain(cause)}; asking again`);
        this.#isHeard = false;
        await delay(this.#parts.retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #post(what: '' | '/password' | '/decided' | '/gone', body: unknown, signal?: AbortSignal): Promise<unknown> {
    const withinMs = what === '/decided' ? longestWait_s * 1000 + answerWithinMs : answerWithinMs;
    return await this.#parts.client.post(`/gateway/v1/connect-attempts${what}`, body, { withinMs, isAlone: true, signal });
  }
}

function refusal({ question }: Asking, reason: RefusalReason): Refusal {
  return refuse(reason, question.endpoint);
}
