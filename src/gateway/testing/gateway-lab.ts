import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentToKeeper } from '../../contract/lane-keeper.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { LaneId } from '../../core/lanes.ts';
import type { GatewaySettings } from '../settings.ts';
import { TestCa } from './certificates.ts';
import { serialOf } from './example.ts';
import { Namespace, connectHosts, until } from './namespace.ts';
import { TestController } from './test-controller.ts';
import { TestKeeper } from './test-keeper.ts';

const agentMain = new URL('../main.ts', import.meta.url).pathname;

/** Times that make a test short: a silent peer is given up after 4 s. */
export const quickSettings: Partial<GatewaySettings> = {
  lane: { pingSeconds: 1, restartSeconds: 4, renegotiationSeconds: 3600 },
  bytecountSeconds: 1,
  supersededMs: 500,
  reconcileMs: 1_000,
  refreshMs: 1_000,
  reportMs: 20,
  byteReportMs: 1_000,
};

/** GatewayLab is a gateway in a namespace with real lanes and the real agent process, and clients in namespaces beside it. */
export class GatewayLab implements AsyncDisposable {
  readonly directory: string;
  readonly gateway = new Namespace('gw');
  readonly controller: TestController;
  readonly keeper: TestKeeper;
  readonly clients: TestClient[] = [];
  readonly #ca = TestCa.shared();
  readonly #socketPath: string;
  readonly #settings: Partial<GatewaySettings>;
  /** The openvpn program of lanes and clients. */
  readonly openvpn: string;
  #agent: ChildProcess | null = null;
  #log = '';

  private constructor(configuration: GatewayConfiguration, settings: Partial<GatewaySettings>, openvpn: string) {
    this.openvpn = openvpn;
    this.directory = mkdtempSync(join(tmpdir(), 'gw-'));
    this.#settings = settings;
    const own = (name: string) => join(this.directory, name);
    mkdirSync(own('gateway'));
    writeFileSync(own('gateway/token'), 'secret-of-the-test\n', { mode: 0o600 });
    this.#socketPath = own('c.sock');
    this.controller = new TestController(this.#socketPath, 'secret-of-the-test', this.#ca, configuration);
    this.keeper = new TestKeeper(this.gateway, own('gateway'), openvpn);
  }

  /** start builds the gateway and returns when all its lanes are up. */
  static async start(configuration: GatewayConfiguration, settings = quickSettings, openvpn = 'openvpn'): Promise<GatewayLab> {
    const lab = new GatewayLab(configuration, settings, openvpn);
    try {
      await lab.controller.start();
      lab.startAgent();
      await lab.untilReady();
    } catch (cause) {
      const log = lab.log;
      await lab[Symbol.asyncDispose]();
      throw new Error(`the gateway did not start; its log:\n${log}`, { cause });
    }
    return lab;
  }

  get log(): string {
    return this.#log;
  }

  startAgent(): void {
    const agent = spawn('ip', ['netns', 'exec', this.gateway.name, process.execPath, agentMain], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      env: { ...process.env, CAUSEWAY_GATEWAY_SETTINGS: JSON.stringify(this.#settings) },
    });
    this.#agent = agent;
    agent.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    agent.on('message', (message) => this.keeper.receive(message as AgentToKeeper));
    this.keeper.tell = (message) => void (agent.connected && agent.send(message));
    this.keeper.received.length = 0;
    agent.send({
      kind: 'start',
      directory: join(this.directory, 'gateway'),
      installation: 0,
      laneUser: 'root',
      controller: { socketPath: this.#socketPath },
    });
  }

  async untilReady(): Promise<void> {
    // Each lane is a daemon to start, and there may be hundreds.
    const withinMs = 30_000 + 300 * Object.keys(this.controller.configuration.lanes).length;
    await until('the agent says ready', () => this.keeper.received.includes('ready'), withinMs);
  }

  /** killAgent ends the agent's process and returns when it is gone. */
  async killAgent(signal: NodeJS.Signals): Promise<void> {
    const agent = this.#agent;
    this.#agent = null;
    // An agent that ended by itself (the test says why, with its log) does not end once more.
    if (agent === null || agent.exitCode !== null || agent.signalCode !== null) return;
    this.keeper.tell = () => undefined;
    const ended = new Promise((resolve) => agent.once('exit', resolve));
    agent.kill(signal);
    await ended;
  }

  /** client makes a host with a profile of an endpoint, on a cable of its own to the gateway; it does not connect yet. */
  client(endpoint: EndpointId, label: string): TestClient {
    return this.clientWith(this.credentials(endpoint), label);
  }

  /** credentials are the key material of an endpoint's profile. */
  credentials(endpoint: EndpointId): string {
    return this.#ca.client(serialOf(this.controller.configuration, endpoint));
  }

  /** clientWith makes a host with key material of any CA. */
  clientWith(credentials: string, label: string): TestClient {
    const client = new TestClient(this, label, this.clients.length + 1, credentials);
    this.clients.push(client);
    return client;
  }

  portOf(lane: LaneId): { readonly port: number; readonly protocol: 'udp' | 'tcp' } {
    const found = this.controller.configuration.lanes[lane];
    if (found === undefined) throw new RangeError(`the configuration has no lane ${lane}`);
    return found;
  }

  /** untilCarried waits until the controller has been told that a session of the endpoint is up. */
  async untilCarried(endpoint: EndpointId, withinMs = 10_000): Promise<void> {
    await until(
      `a session of ${endpoint} is established`,
      () => this.controller.sessions().some((session) => session.endpoint === endpoint && session.state === 'established'),
      withinMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) await client.remove();
    await this.killAgent('SIGKILL');
    await this.keeper.stop();
    await this.controller.stop();
    this.gateway[Symbol.dispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** `lost` are those before the last that came back: the last ones sent may be on their way when the counting ends. */
export type PingResult = {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly longestGapMs: number;
};

/** answersIn reads ping's lines `[SECONDS] 64 bytes from ...: icmp_seq=N ...`. */
function answersIn(output: string): Pick<PingResult, 'lost' | 'longestGapMs'> {
  const answers = [...output.matchAll(/^\[([\d.]+)\] \d+ bytes from .*icmp_seq=(\d+)/gm)];
  const times = answers.map(([, seconds]) => Number(seconds) * 1000);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  const last = Math.max(0, ...answers.map(([, , sequence]) => Number(sequence)));
  return { lost: last - new Set(answers.map(([, , sequence]) => sequence)).size, longestGapMs: Math.max(0, ...gaps) };
}

/** TestClient is one host with a stock openvpn client. */
export class TestClient {
  readonly host: Namespace;
  readonly label: string;
  readonly #lab: GatewayLab;
  readonly #number: number;
  readonly #credentials: string;
  readonly #second: TestClient[] = [];
  readonly #pings = new Set<ChildProcess>();
  #openvpn: ChildProcess | null = null;
  #runs = 0;

  constructor(lab: GatewayLab, label: string, number: number, credentials: string, host?: Namespace) {
    this.#lab = lab;
    this.label = label;
    this.#number = number;
    this.#credentials = credentials;
    this.host = host ?? new Namespace(label);
    if (host !== undefined) return;
    connectHosts(
      lab.gateway,
      `to${String(number)}`,
      `192.0.${String(number)}.1/24`,
      this.host,
      'wan0',
      `192.0.${String(number)}.2/24`,
    );
    this.host.ip(`route add default via 192.0.${String(number)}.1`);
  }

  /** secondTunnel starts another openvpn of the same profile on this host, whose tun has its address already and which sets no routes. */
  secondTunnel(device: string, address: string, lanes: readonly LaneId[], options: readonly string[] = []): TestClient {
    const other = new TestClient(this.#lab, `${this.label}-${device}`, this.#number, this.#credentials, this.host);
    this.#second.push(other);
    this.host.ip(`tuntap add dev ${device} mode tun`);
    this.host.ip(`addr add ${address}/32 dev ${device}`);
    this.host.ip(`link set ${device} up`);
    other.connect(lanes, ['ifconfig-noexec', 'route-noexec', ...options], device);
    return other;
  }

  /** connect starts openvpn towards lanes, in this order, and returns at once. `options` are further lines of its configuration. */
  connect(lanes: readonly LaneId[], options: readonly string[] = [], device = 'tun0', openvpn = this.#lab.openvpn): void {
    this.#runs += 1;
    const remotes = lanes.map((lane) => {
      const { port, protocol } = this.#lab.portOf(lane);
      return `remote 192.0.${String(this.#number)}.1 ${String(port)} ${protocol === 'tcp' ? 'tcp4-client' : 'udp4'}`;
    });
    const lines = [
      'client',
      `dev ${device}`,
      'dev-type tun',
      'nobind',
      'remote-cert-tls server',
      'push-peer-info',
      'disable-dco',
      'verb 3',
      'auth-retry nointeract',
      'connect-retry 1 1',
      'server-poll-timeout 4',
      'reneg-sec 3600',
      `log ${this.#file('log')}`,
      ...remotes,
      // It is of UDP alone; openvpn refuses it otherwise.
      ...(lanes.every((lane) => this.#lab.portOf(lane).protocol === 'udp') ? ['explicit-exit-notify 1'] : []),
      ...options,
    ];
    writeFileSync(this.#file('conf'), `${lines.join('\n')}\n${this.#credentials}`);
    this.#openvpn = spawn('ip', ['netns', 'exec', this.host.name, openvpn, '--config', this.#file('conf')], {
      stdio: 'ignore',
    });
  }

  get isRunning(): boolean {
    return this.#openvpn !== null && this.#openvpn.exitCode === null && this.#openvpn.signalCode === null;
  }

  get log(): string {
    try {
      return readFileSync(this.#file('log'), 'utf8');
    } catch {
      return '';
    }
  }

  /** until waits for a line in openvpn's log. */
  async until(line: RegExp, withinMs = 10_000): Promise<void> {
    await until(`${this.label}'s log has ${String(line)}; it is:\n${this.log.slice(-1500)}`, () => line.test(this.log), withinMs);
  }

  async connected(withinMs = 10_000): Promise<void> {
    await this.until(/Initialization Sequence Completed/, withinMs);
  }

  /** end stops openvpn and returns when it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const openvpn = this.#openvpn;
    this.#openvpn = null;
    if (openvpn === null || openvpn.exitCode !== null || openvpn.signalCode !== null) return;
    const ended = new Promise((resolve) => openvpn.once('exit', resolve));
    openvpn.kill(signal);
    await ended;
  }

  /** ping sends one echo request and tells whether the answer came within a second. */
  async ping(address: string, ...options: readonly string[]): Promise<boolean> {
    const { code } = await this.host.run('ping', ['-n', '-c', '1', '-W', '1', ...options, address]);
    return code === 0;
  }

  /** pingStream pings in the background; `stop` gives what became of it. */
  pingStream(address: string, everySeconds: number): { stop(): Promise<PingResult> } {
    const ping = ['ping', '-n', '-D', '-i', String(everySeconds), '-W', '1', address];
    const child = spawn('ip', ['netns', 'exec', this.host.name, ...ping], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#pings.add(child);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    return {
      stop: async () => {
        const ended = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGINT');
        await ended;
        this.#pings.delete(child);
        const found = /(\d+) packets transmitted, (\d+) received/.exec(output);
        return { sent: Number(found?.[1]), received: Number(found?.[2]), ...answersIn(output) };
      },
    };
  }

  async remove(): Promise<void> {
    for (const ping of this.#pings) ping.kill('SIGKILL');
    for (const other of this.#second) await other.end('SIGKILL');
    await this.end('SIGKILL');
    this.host[Symbol.dispose]();
  }

  #file(what: string): string {
    return join(this.#lab.directory, `${this.label}-${String(this.#runs)}.${what}`);
  }
}
