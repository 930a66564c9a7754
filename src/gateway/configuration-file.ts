import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import { checkConfiguration } from './configuration-check.ts';
import type { Log } from './log.ts';

/**
 * ConfigurationFile keeps the last configuration on disk, so that the gateway starts and answers without the controller (design.md 3).
 * It refuses to go back to an older revision: a configuration that was overtaken could let in who was revoked since.
 */
export class ConfigurationFile {
  readonly #path: string;
  readonly #log: Log;
  #revision = -1;
  #saving: Promise<void> = Promise.resolve();
  #waiting: GatewayConfiguration | null = null;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** load gives the configuration on disk, or null if there is none that can be used; why not is logged. */
  async load(): Promise<GatewayConfiguration | null> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (cause) {
      if (!isMissing(cause))
        this.#log.warn(`cannot read the last configuration ${this.#path}; waiting for the controller`, cause);
      return null;
    }
    try {
      const configuration = checkConfiguration(JSON.parse(text));
      this.#revision = configuration.revision;
      return configuration;
    } catch (cause) {
      this.#log.warn(`the last configuration ${this.#path} cannot be used; waiting for the controller`, cause);
      return null;
    }
  }

  /**
   * save writes a configuration in the background; while one is being written only the newest of those that follow is kept. A failure
   * (full disk) is logged and leaves the file as it was: the gateway goes on with what it has in memory. Resolves when all is written.
   */
  save(configuration: GatewayConfiguration): Promise<void> {
    if (configuration.revision < this.#revision) {
      this.#log.warn(
        `revision ${String(configuration.revision)} is older than ${String(this.#revision)} on disk and is not kept`,
      );
      return this.#saving;
    }
    this.#revision = configuration.revision;
    const idle = this.#waiting === null;
    this.#waiting = configuration;
    if (idle) this.#saving = this.#saving.then(() => this.#writeWaiting());
    return this.#saving;
  }

  async #writeWaiting(): Promise<void> {
    const configuration = this.#waiting;
    this.#waiting = null;
    if (configuration === null) return;
    const draft = `${this.#path}.new`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(configuration));
        await file.sync();
      } finally {
        await file.close();
      }
      // Atomic: a crash leaves the old one or the new one, never half of it.
      await rename(draft, this.#path);
    } catch (cause) {
      this.#log.warn(
        `cannot keep revision ${String(configuration.revision)} on disk; is ${dirname(this.#path)} full or read-only?`,
        cause,
      );
    }
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
