import { access } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineProblem } from '../contract/lane-keeper.ts';
import { applyKernelSettings, deviceSettings, forwarding, machineSettings, refusalText } from './kernel-settings.ts';
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
    const { changed, refused } = await applyKernelSettings(machineSettings);
    const code = refused.some(({ name }) => name === forwarding) ? 'forwarding-off' : 'machine-settings';
    const problem = refused.length === 0 ? null : ({ code, message: refusalText(refused) } as const);
    if (problem !== null && problem.message !== this.#problem?.message)
      this.#options.log.warn('forwarding', { error: problem.message });
    this.#problem = problem;
    return changed.join(' ');
  }

  async #setDevice(device: string): Promise<string | undefined> {
    const { refused } = await applyKernelSettings(deviceSettings(device));
    const error = refused.length === 0 ? undefined : refusalText(refused);
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
