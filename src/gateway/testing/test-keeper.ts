import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AgentToKeeper, KeeperToAgent } from '../../contract/lane-keeper.ts';
import { laneDirectory, laneLog, renderLaneConfig } from '../../core/lane-openvpn.ts';
import type { LaneId } from '../../core/lanes.ts';
import type { Namespace } from './namespace.ts';

type Running = { readonly process: ChildProcess; readonly pid: number; readonly startedAt: number; readonly config: string };

/**
 * TestKeeper does the supervisor's part of contract/lane-keeper.ts for real openvpn daemons in a namespace: they belong to the test's
 * process, so they outlive the agent. It refuses messages that it does not know.
 */
export class TestKeeper {
  readonly #host: Namespace;
  readonly #directory: string;
  readonly #openvpn: string;
  readonly #lanes = new Map<LaneId, Running>();
  /** Messages of the agent, by kind and lane or device, in their order. */
  readonly received: string[] = [];
  tell: (message: KeeperToAgent) => void = () => undefined;

  constructor(host: Namespace, directory: string, openvpn = 'openvpn') {
    this.#openvpn = openvpn;
    this.#host = host;
    this.#directory = directory;
  }

  pidOf(lane: LaneId): number | undefined {
    return this.#lanes.get(lane)?.pid;
  }

  /** Empty for a lane that was killed before it wrote anything. */
  logOf(lane: LaneId): string {
    const log = laneLog(this.#directory, lane);
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  }

  receive(message: AgentToKeeper): void {
    this.received.push(
      [message.kind, 'lane' in message ? message.lane : 'device' in message ? message.device : ''].join(' ').trim(),
    );
    switch (message.kind) {
      case 'ready':
        return;
      case 'lane-list':
        for (const [lane, { pid, startedAt }] of this.#lanes)
          this.tell({ kind: 'lane-state', lane, state: 'running', pid, startedAt });
        return this.tell({ kind: 'lane-list-end' });
      case 'device-settings':
        // One process for all: each keeps the whole test waiting, and there are labs with hundreds of lanes.
        this.#host.exec(
          'sysctl',
          '-qw',
          ...['send_redirects=0', 'rp_filter=2', 'src_valid_mark=1', 'accept_redirects=0'].map(
            (setting) => `net.ipv4.conf.${message.device}.${setting}`,
          ),
          'net.ipv4.ip_forward=1',
          'net.ipv4.fwmark_reflect=1',
        );
        return this.tell({ kind: 'device-settings-done', device: message.device });
      case 'lane-start': {
        const { kind: _kind, ...fields } = message;
        const config = renderLaneConfig({ ...fields, directory: this.#directory, managementUser: 'root' });
        const running = this.#lanes.get(message.lane);
        if (running?.config === config) {
          const { pid, startedAt } = running;
          return this.tell({ kind: 'lane-state', lane: message.lane, state: 'running', pid, startedAt });
        }
        if (running !== undefined) throw new Error(`lane ${message.lane} is to change while it runs, which this keeper cannot`);
        return this.#start(message.lane, config);
      }
      case 'lane-stop':
        return this.#stop(message.lane);
    }
  }

  /** A daemon whose tun was taken away spins and does not hear SIGTERM (2.6.14), so that is not the last word. */
  #stop(lane: LaneId): void {
    const process = this.#lanes.get(lane)?.process;
    if (process === undefined) return this.tell({ kind: 'lane-state', lane, state: 'exited', code: null, logTail: '' });
    process.kill('SIGTERM');
    const last = setTimeout(() => process.kill('SIGKILL'), 2_500);
    process.once('exit', () => clearTimeout(last));
  }

  kill(lane: LaneId, signal: NodeJS.Signals): void {
    this.#lanes.get(lane)?.process.kill(signal);
  }

  async stop(): Promise<void> {
    this.tell = () => undefined;
    const ends = [...this.#lanes.values()].map(({ process }) => new Promise((resolve) => process.once('exit', resolve)));
    for (const { process } of this.#lanes.values()) process.kill('SIGKILL');
    await Promise.all(ends);
  }

  #start(lane: LaneId, config: string): void {
    const file = `${laneDirectory(this.#directory, lane)}/lane.conf`;
    writeFileSync(file, config);
    const child = spawn('ip', ['netns', 'exec', this.#host.name, this.#openvpn, '--config', file], { stdio: 'ignore' });
    const { pid } = child;
    if (pid === undefined) throw new Error('openvpn cannot be started');
    const running = { process: child, pid, startedAt: Date.now(), config };
    this.#lanes.set(lane, running);
    child.once('exit', (code) => {
      this.#lanes.delete(lane);
      this.tell({ kind: 'lane-state', lane, state: 'exited', code, logTail: this.logOf(lane).slice(-500) });
    });
    this.tell({ kind: 'lane-state', lane, state: 'running', pid, startedAt: running.startedAt });
  }
}
