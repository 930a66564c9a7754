import type { GatewayReport, LaneReport } from '../contract/gateway.ts';
import type { KeeperToAgent, MachineProblem } from '../contract/lane-keeper.ts';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import { containsAddress, formatPrefix, strictPrefix } from '../core/ip/prefix.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { strictAddress } from '../core/ip/address.ts';
import type { LaneId } from '../core/lanes.ts';
import { laneDevice } from '../core/lanes.ts';
import type { RunningLane } from './lane-renewal.ts';
import type { LaneRunnerOptions, LaneSpec } from './lane-runner.ts';
import { LaneRunner } from './lane-runner.ts';
import { laneIds } from './kernel/desired-kernel.ts';
import type { Session } from './session.ts';

/** LaneSet is all lanes of the gateway: it starts those that a configuration has and stops the others. */
export class LaneSet {
  readonly #installation: number;
  readonly #options: LaneRunnerOptions;
  readonly #runners = new Map<LaneId, LaneRunner>();
  /** What the keeper told before the first configuration: a client is only answered by a configuration. */
  readonly #early: KeeperToAgent[] = [];
  #machineProblem: MachineProblem | null = null;
  #configured = false;
  #listed = false;

  constructor(installation: number, options: LaneRunnerOptions) {
    this.#installation = installation;
    this.#options = options;
  }

  /** begin asks the keeper which lanes run already. */
  begin(): void {
    this.#options.keeper.send({ kind: 'lane-list' });
  }

  /** The keeper has told which lanes run: before that, nobody knows what may be removed from the kernel. */
  get isListed(): boolean {
    return this.#listed;
  }

  /** configure makes the lanes of a configuration the wanted ones. */
  configure(configuration: GatewayConfiguration): void {
    const wanted = new Set(laneIds(configuration));
    for (const lane of wanted) {
      const spec = this.#spec(configuration, lane);
      const runner = this.#runners.get(lane);
      if (runner === undefined || runner.isFinished) this.#runners.set(lane, new LaneRunner(lane, spec, this.#options));
      else runner.want(spec);
    }
    for (const runner of this.#runners.values()) if (!wanted.has(runner.lane)) runner.want(null);
    this.#configured = true;
    for (const message of this.#early.splice(0)) this.told(message);
  }

  /** told takes in a message of the keeper. */
  told(message: KeeperToAgent): void {
    if (message.kind === 'lane-list-end') {
      this.#listed = true;
      this.#options.changed();
      return;
    }
    if (!this.#configured) {
      this.#early.push(message);
      return;
    }
    if (message.kind === 'lane-state') {
      const runner = this.#runners.get(message.lane);
      if (runner !== undefined) runner.told(message);
      else if (message.state === 'running') this.#stopUnwanted(message.lane, message);
    } else if (message.kind === 'machine-settings') {
      if (message.problem?.message === this.#machineProblem?.message) return;
      this.#machineProblem = message.problem;
      this.#options.changed();
    } else if (message.kind === 'device-settings-done') {
      for (const runner of this.#runners.values()) {
        if (laneDevice(this.#installation, runner.lane) === message.device) runner.deviceSettingsDone(message.error);
      }
    }
  }

  /** devices tells which tuns are there now, and which of them the last pass had to make. */
  devices(ready: ReadonlySet<string>, made: ReadonlySet<string>): void {
    for (const runner of this.#runners.values()) {
      const device = laneDevice(this.#installation, runner.lane);
      if (made.has(device)) runner.deviceLost();
      if (ready.has(device)) runner.deviceReady();
    }
  }

  running(): Set<LaneId> {
    return this.#lanesThat((runner) => runner.isRunning);
  }

  undecided(): Set<LaneId> {
    return this.#lanesThat((runner) => runner.isUndecided);
  }

  /** Every wanted lane runs and is attended. */
  get isUp(): boolean {
    return this.#configured && [...this.#runners.values()].every((runner) => runner.isUp || runner.isFinished);
  }

  /** started says which lanes run and are attended, since when, with how many clients. Undefined while one is not. */
  started(clients: (lane: LaneId) => number): readonly RunningLane[] | undefined {
    if (!this.isUp) return undefined;
    return [...this.#runners.values()].flatMap(({ lane, startedAt }) =>
      startedAt === null ? [] : [{ lane, startedAt, clients: clients(lane) }],
    );
  }

  startAnew(lane: LaneId): void {
    this.#runners.get(lane)?.startAnew();
  }

  reports(clients: (lane: LaneId) => number): LaneReport[] {
    return [...this.#runners.values()].flatMap((runner) => runner.report(clients(runner.lane)) ?? []);
  }

  /** settingsProblems tells what of the kernel's settings is not as packets need it: of the machine, and of the tuns. */
  settingsProblems(): GatewayReport['problems'] {
    const [first, ...alike] = [...this.#runners.values()].flatMap(({ settingsError }) => settingsError ?? []);
    const ofTuns = first === undefined || alike.length === 0 ? first : `${first} (and alike for ${String(alike.length)} more)`;
    const problems = [
      ...(this.#machineProblem === null ? [] : [this.#machineProblem]),
      ...(ofTuns === undefined ? [] : [{ code: 'tunnel-settings', message: ofTuns }]),
    ];
    return problems.map(({ code, message }) => ({ code, message: message.slice(0, 500) }));
  }

  async kill(session: Pick<Session, 'lane' | 'daemon' | 'cid'>, how: 'RESTART' | 'HALT'): Promise<void> {
    await this.#runners.get(session.lane)?.kill(session.daemon, session.cid, how);
  }

  /** update tells a client other options without a reset; false if its lane cannot. `chunks` as in management/push-update.ts. */
  async update(session: Pick<Session, 'lane' | 'daemon' | 'cid'>, chunks: readonly string[]): Promise<boolean> {
    return (await this.#runners.get(session.lane)?.update(session.daemon, session.cid, chunks)) ?? false;
  }

  async refresh(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.refresh()));
  }

  close(): void {
    for (const runner of this.#runners.values()) runner.close();
  }

  #stopUnwanted(lane: LaneId, message: KeeperToAgent): void {
    const runner = new LaneRunner(lane, null, this.#options);
    this.#runners.set(lane, runner);
    if (message.kind === 'lane-state') runner.told(message);
    this.#options.keeper.send({ kind: 'lane-stop', lane });
  }

  #spec(configuration: GatewayConfiguration, lane: LaneId): LaneSpec {
    const { protocol, port } = configuration.lanes[lane] ?? { protocol: 'udp', port: 0 };
    const { address, tunnelRanges } = configuration.gateway;
    const device = laneDevice(this.#installation, lane);
    return {
      lane,
      device,
      protocol,
      port,
      address,
      range: rangeWith(address, tunnelRanges),
      timings: this.#options.settings.lane,
    };
  }

  #lanesThat(has: (runner: LaneRunner) => boolean): Set<LaneId> {
    return new Set([...this.#runners.values()].filter(has).map(({ lane }) => lane));
  }
}

function rangeWith(address: GatewayConfiguration['gateway']['address'], ranges: readonly PrefixText[]): PrefixText {
  const own = strictAddress(address);
  const range = ranges.map((text) => strictPrefix(text)).find((prefix) => containsAddress(prefix, own));
  if (range === undefined)
    throw new RangeError(`the gateway's address ${address} lies in none of the tunnel ranges ${ranges.join(', ')}`);
  return formatPrefix(range);
}
