import { compile } from '../../core/compile.ts';
import { exampleGateway, exampleId, exampleSerial, exampleWpc } from '../../core/example-wpc.ts';
import type { PoolId } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { ConnectorId, EndpointId, NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { assignLanes } from '../../core/lanes.ts';
import { endpointNamed } from './example.ts';
import type { TestClient } from './gateway-lab.ts';
import { GatewayLab, quickSettings } from './gateway-lab.ts';
import { Namespace, connectHosts, until } from './namespace.ts';
import type { GatewaySettings } from '../settings.ts';
import { defaultFailoverTimings } from '../../core/failover/timings.ts';

const network = exampleId(1, 0) as NetworkId;
export const hqPool: PoolId = `network:${network}`;
/** The server that people use, and the router that is probed. */
export const server = '10.0.0.20';
const router = '10.0.0.1';

/** pairConfiguration is HQ with two connectors, of which one has the routes. */
export function pairConfiguration(): GatewayConfiguration {
  const wpc = exampleWpc({ networks: 1, devices: 2 });
  const [first] = wpc.connectors;
  if (first === undefined) throw new RangeError('the example has no connector');
  const second = {
    ...first,
    id: exampleId(2, 1) as ConnectorId,
    name: 'hq-1',
    address: '100.96.0.101' as AddressText,
  };
  const connectors = [first, second];
  const configuration = compile(
    {
      ...wpc,
      networks: wpc.networks.map((hq) => ({ ...hq, probeTargets: [router as AddressText] })),
      connectors,
      certificates: [...wpc.certificates, { serial: exampleSerial(1), endpoint: { kind: 'connector', id: second.id } }],
      laneAssignment: assignLanes({}, connectors, exampleGateway.connectorLanes),
    },
    exampleGateway,
  );
  const hq = configuration.networks[network];
  if (hq === undefined) throw new RangeError('the example has no network');
  return { ...configuration, networks: { [network]: { ...hq, sharing: false } } };
}

export type Which = 'a' | 'b';

/** What is cut: the LAN behind a connector, whose own address answers on, or its line to the gateway. Its processes live in both cases. */
export type Cut = 'lan0' | 'wan0';

/** PairWorld is a GatewayLab with two stock clients as connectors of HQ, before one LAN with a server and a router, and one device. */
export class PairWorld implements AsyncDisposable {
  readonly lab: GatewayLab;
  readonly device: TestClient;
  readonly endpoints: Readonly<Record<Which, EndpointId>>;
  readonly #connectors: Readonly<Record<Which, TestClient>>;
  readonly #lan: Namespace;

  private constructor(lab: GatewayLab) {
    const { configuration } = lab.controller;
    this.lab = lab;
    this.endpoints = { a: endpointNamed(configuration, 'connector', 0), b: endpointNamed(configuration, 'connector', 1) };
    this.device = lab.client(endpointNamed(configuration, 'device', 0), 'bob');
    this.#connectors = { a: lab.client(this.endpoints.a, 'hqa'), b: lab.client(this.endpoints.b, 'hqb') };
    this.#lan = new Namespace('lan');
  }

  /** start resolves when both connectors are healthy, and the first has the routes. */
  static async start(recoveryMs: number, settings: Partial<GatewaySettings> = {}): Promise<PairWorld> {
    const failover = { ...defaultFailoverTimings, recoveryMs };
    const lab = await GatewayLab.start(pairConfiguration(), { ...quickSettings, failover, ...settings });
    const world = new PairWorld(lab);
    try {
      world.#build();
      world.connect('a');
      world.connect('b');
      world.device.connect(['u0']);
      await world.device.connected();
      await world.untilQuiet();
      await until('the device reaches the server', () => world.device.ping(server));
    } catch (cause) {
      const { log } = lab;
      await world[Symbol.asyncDispose]();
      throw new Error(`the pair did not come up; the gateway's log:\n${log}`, { cause });
    }
    return world;
  }

  connect(which: Which): void {
    this.#connectors[which].connect([which === 'a' ? 'c0' : 'c1']);
  }

  /** reconnect starts a connector's openvpn anew, instead of waiting until it notices that its lane is another. */
  async reconnect(which: Which): Promise<void> {
    await this.#connectors[which].end('SIGKILL');
    this.connect(which);
  }

  cut(which: Which, what: Cut): void {
    this.#connectors[which].host.exec(
      'nft',
      `table ip cut {
        chain in { type filter hook prerouting priority -300; iifname ${what} drop; }
        chain out { type filter hook postrouting priority -300; oifname ${what} drop; }
      }`,
    );
  }

  mend(which: Which): void {
    this.#connectors[which].host.exec('nft', 'delete table ip cut');
  }

  /** owners as the last report that has the pool tells them; undefined before there is one. */
  owners(): Which[] | undefined {
    const pool = this.lab.controller.reports.at(-1)?.pools.find(({ pool: id }) => id === hqPool);
    return pool?.owners.map((owner) => (this.endpoints.a.endsWith(owner) ? 'a' : 'b'));
  }

  /** health as the last report tells it, with its reason. */
  health(which: Which): string {
    const { connectors } = this.lab.controller.reports.at(-1) ?? { connectors: [] };
    const found = connectors.find(({ connector }) => this.endpoints[which].endsWith(connector));
    return found === undefined ? 'unknown' : `${found.health}: ${found.reason}`;
  }

  async untilOwners(owners: string, withinMs = 10_000): Promise<void> {
    await until(
      `the owners are ${owners}; the log is:\n${this.lab.log.slice(-1500)}`,
      () => this.owners()?.join('') === owners,
      withinMs,
    );
  }

  async untilHealth(which: Which, health: RegExp, withinMs = 10_000): Promise<void> {
    await until(
      `${which} is ${String(health)}, not ${this.health(which)}; the log is:\n${this.lab.log.slice(-1500)}`,
      () => health.test(this.health(which)),
      withinMs,
    );
  }

  /** untilQuiet waits until both are healthy and the first has the routes, in the kernel too. */
  async untilQuiet(): Promise<void> {
    await this.untilHealth('a', /^healthy: 10\.0\.0\.1 answers/, 20_000);
    await this.untilHealth('b', /^healthy: 10\.0\.0\.1 answers/, 20_000);
    await this.untilOwners('a');
    await until('its routes lead to the first', () => this.routedBy() === 'a');
  }

  /** routedBy is whose lane the kernel sends HQ's prefix to. */
  routedBy(): Which | undefined {
    const [, lane] = /10\.0\.0\.0\/18 dev cw0-c(\d)/.exec(this.lab.gateway.ip('route show table 9600')) ?? [];
    return lane === undefined ? undefined : lane === '0' ? 'a' : 'b';
  }

  /** served is how many packets for the server have passed a connector. */
  served(which: Which): number {
    const text = this.#connectors[which].host.exec('nft', 'list counter ip site served');
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
    this.#lan[Symbol.dispose]();
  }

  #build(): void {
    for (const address of [server, router]) this.#lan.ip(`addr add ${address}/32 dev lo`);
    for (const which of ['a', 'b'] as const) {
      const { host } = this.#connectors[which];
      const third = which === 'a' ? '1' : '2';
      connectHosts(host, 'lan0', `172.20.${third}.1/30`, this.#lan, `to-${which}`, `172.20.${third}.2/30`);
      host.ip(`route add 10.0.0.0/18 via 172.20.${third}.2`);
      host.sysctl('net.ipv4.ip_forward', '1');
      host.exec(
        'nft',
        `table ip site {
          counter served { }
          chain through { type filter hook forward priority 0; ip daddr ${server} counter name served; }
          chain nat { type nat hook postrouting priority 100; oifname lan0 masquerade; }
        }`,
      );
    }
  }
}
