import { rm } from 'node:fs/promises';
import { setUpLinkMessage } from '../contract/controller-start.ts';
import { placeFile } from './data-directory.ts';
import type { Log } from './log.ts';

/**
 * SetUpLink keeps the link that makes the owner where root finds it: the controller makes it, and may write nothing outside its own directory.
 * It is a secret, so it is never logged: the log goes to the journal, which more people read.
 */
export class SetUpLink {
  readonly #file: string;
  readonly #owner: { readonly uid: number; readonly gid: number };
  readonly #log: Log;
  #url: string | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, owner: { readonly uid: number; readonly gid: number }, log: Log) {
    this.#file = file;
    this.#owner = owner;
    this.#log = log;
  }

  /** The link that counts now. */
  get url(): string | null {
    return this.#url;
  }

  /** Takes what the controller said; anything but a link of ours is left alone. In the order in which it came, and a full disk is survived. */
  receive(message: unknown): void {
    const read = setUpLinkMessage.safeParse(message);
    if (!read.success) return;
    const { url } = read.data;
    this.#url = url;
    this.#writing = this.#writing
      .then(async () => {
        if (url === null) await rm(this.#file, { force: true });
        else await placeFile(this.#file, `${url}\n`, { ...this.#owner, mode: 0o600 });
      })
      .catch((error: unknown) => {
        const because = error instanceof Error ? error.message : String(error);
        this.#log.warn('the set-up link could not be kept; "causeway setup-link" prints a new one', { because });
      });
  }

  /** Resolves when the file says what was received last. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}
