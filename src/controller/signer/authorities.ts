import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeDurably } from '../durable-file.ts';
import { readIfThere } from '../private-file.ts';
import type { Authority } from './authority.ts';
import { openAuthority } from './authority.ts';
import type { AuthorityStep } from './protocol.ts';
import { SigningRefused } from './signing-refused.ts';

/**
 * Authorities are the roots that are trusted. `current` signs what everybody has to believe who holds a profile, the lanes and the portal; `next` is there
 * while the root is being renewed, and signs connectors and devices from `switchedAt` on (decision 108).
 */
export type Authorities = {
  readonly current: Authority;
  readonly next: Authority | undefined;
  readonly switchedAt: Date | undefined;
};

/**
 * AuthorityKeeper holds the roots in the signer's directory, and takes one step at a time:
 *
 *   single     ca.key, ca.crt. Left by `begin`, which makes next.key and next.crt.
 *   announced  both are trusted, `current` signs all. Left by `switch`, which writes next.signs with the time.
 *   switched   both are trusted, `next` signs connectors and devices. Left by `retire`, which moves next.* over ca.*: single again.
 *
 * A step that was taken changes nothing when it is asked for again. Each is one file that appears, so a crash leaves the state before or after; retiring needs several
 * moves, and is completed at the next start.
 */
export class AuthorityKeeper {
  readonly #directory: string;
  #held: Authorities;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, held: Authorities) {
    this.#directory = directory;
    this.#held = held;
  }

  static async open(directory: string, now: Date): Promise<AuthorityKeeper> {
    const at = (name: string) => join(directory, name);
    if ((await readIfThere(at('next.retires'))) !== undefined) await completeRetirement(directory);
    const current = await openAuthority(directory, now);
    const isAnnounced = (await readIfThere(at('next.crt'))) !== undefined;
    const next = isAnnounced ? await openAuthority(directory, now, 'next') : undefined;
    const switched = next === undefined ? undefined : await readIfThere(at('next.signs'));
    return new AuthorityKeeper(directory, {
      current,
      next,
      switchedAt: switched === undefined ? undefined : new Date(switched.trim()),
    });
  }

  get authorities(): Authorities {
    return this.#held;
  }

  /** take takes a step, or throws SigningRefused where it does not follow from the state. Steps that come together are taken in turn. */
  async take(step: AuthorityStep, now: Date): Promise<void> {
    const turn = this.#queue.then(async () => await this.#take(step, now));
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  async #take(step: AuthorityStep, now: Date): Promise<void> {
    const at = (name: string) => join(this.#directory, name);
    const { current, next, switchedAt } = this.#held;
    switch (step) {
      case 'begin':
        this.#held = { current, next: next ?? (await openAuthority(this.#directory, now, 'next')), switchedAt };
        return;
      case 'switch':
        if (next === undefined) throw new SigningRefused('switch to the next CA: there is none; begin its renewal first');
        if (switchedAt !== undefined) return;
        await writeDurably(at('next.signs'), `${now.toISOString()}\n`, 0o644);
        this.#held = { current, next, switchedAt: now };
        return;
      case 'retire':
        // After one that was taken there is nothing to retire.
        if (next === undefined) return;
        if (switchedAt === undefined)
          throw new SigningRefused('retire the CA: the next one does not sign yet; switch to it first');
        await writeDurably(at('next.retires'), `${now.toISOString()}\n`, 0o644);
        await completeRetirement(this.#directory);
        this.#held = { current: await openAuthority(this.#directory, now), next: undefined, switchedAt: undefined };
    }
  }
}

/** Each move is made if it was not yet. The old key goes; the old certificate stays beside, to be looked at. */
async function completeRetirement(directory: string): Promise<void> {
  const at = (name: string) => join(directory, name);
  const isThere = async (name: string) =>
    await stat(at(name)).then(
      () => true,
      () => false,
    );
  if (await isThere('next.key')) await rename(at('next.key'), at('ca.key'));
  if (await isThere('next.crt')) {
    const old = await readIfThere(at('ca.crt'));
    if (old !== undefined) await writeDurably(at('retired.crt'), old, 0o644);
    await rename(at('next.crt'), at('ca.crt'));
  }
  await rm(at('next.signs'), { force: true });
  await syncDirectory(directory);
  await rm(at('next.retires'), { force: true });
}
