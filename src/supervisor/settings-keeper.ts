import { access } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineProblem } from '../contract/lane-keeper.ts';
import type { KernelSetting } from './kernel-settings.ts';
import { applyKernelSettings, deviceSettings, forwarding, machineSettings, SettingsRefused } from './kernel-settings.ts';
import type { Log } from './log.ts';

type SettingsKeeperOptions = {
  /** Milliseconds between two looks: whoever turns forwarding off (a script, `sysctl --system`) stops every tunnel's packets for so long. */
  readonly everyMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told when it changes, and at each `set`; null: the machine is as packets need it. */
  readonly machine: (problem: MachineProblem | null) => void;
  /** What could not be set of a tun; undefined: nothing. Told at its `set`, and when it changes. */
  readonly device: (device: string, error: string | undefined) => void;
};

/** SettingsKeeper keeps forwarding on from the first tun to the end, and sets what tuns need; what is refused is tried again. */
export class SettingsKeeper {
  readonly #options: SettingsKeeperOptions;
  readonly #refused = new Map<string, string>();
  #problem: MachineProblem | null = null;
  #tending = false;

  constructor(options: SettingsKeeperOptions) {
    this.#options = options;
  }

  /** set resolves when the machine and the tun are as packets need them, as far as they can be; both have been told then. Never throws. */
  async set(device: string): Promise<void> {
    const { log, machine } = this.#options;
    const changed = await this.#setMachine();
    if (changed !== '') log.info('forwarding is on', { set: changed });
    machine(this.#problem);
    this.#options.device(device, await this.#setDevice(device));
    if (this.#tending) return;
    this.#tending = true;
    void this.#tend();
  }

  async #tend(): Promise<void> {
    const { everyMs, signal, log, machine, device } = this.#options;
    for (;;) {
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const before = this.#problem;
      const changed = await this.#setMachine();
      if (changed !== '') log.warn('somebody changed what forwarding needs; set again', { set: changed });
      if (this.#problem?.message !== before?.message) machine(this.#problem);
      for (const [name, former] of this.#refused) {
        const error = await this.#setDevice(name);
        if (error !== former) device(name, error);
      }
    }
  }

  /** Gives what it had to change. */
  async #setMachine(): Promise<string> {
    const { changed, error, refused } = await tried(machineSettings);
    if (error !== undefined && error !== this.#problem?.message) this.#options.log.warn('forwarding', { error });
    const code = refused.includes(forwarding) ? 'forwarding-off' : 'machine-settings';
    this.#problem = error === undefined ? null : { code, message: error };
    return changed.join(' ');
  }

  async #setDevice(device: string): Promise<string | undefined> {
    const { error } = await tried(deviceSettings(device));
    const isThere = await access(`/proc/sys/net/ipv4/conf/${device}`).then(
      () => true,
      () => false,
    );
    if (error !== undefined && isThere) {
      if (error !== this.#refused.get(device)) this.#options.log.warn('device settings failed', { error });
      this.#refused.set(device, error);
    } else this.#refused.delete(device);
    return error;
  }
}

type Tried = { readonly changed: readonly string[]; readonly refused: readonly string[]; readonly error?: string };

async function tried(settings: readonly KernelSetting[]): Promise<Tried> {
  try {
    return { changed: await applyKernelSettings(settings), refused: [] };
  } catch (cause) {
    if (!(cause instanceof SettingsRefused)) throw cause;
    return { changed: [], refused: cause.names, error: cause.message };
  }
}
