/**
 * A gateway's kernel with peers on its lanes, without openvpn: each lane is a veth that behaves like a tun. Both ends have the same link
 * address and no ARP, so that packets are taken whatever their destination is.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { LaneId } from '../../core/lanes.ts';
import { laneDevice } from '../../core/lanes.ts';
import { applyKernel } from '../kernel/apply-kernel.ts';
import { describeFailure } from '../kernel/apply-steps.ts';
import type { DesiredKernel } from '../kernel/desired-kernel.ts';
import type { KernelPlan } from '../kernel/kernel-plan.ts';
import { describePlan } from '../kernel/kernel-plan.ts';
import { lintKernel } from '../kernel/lint-kernel.ts';
import { observeKernel } from '../kernel/observe.ts';
import type { KernelOwnership } from '../kernel/ownership.ts';
import { planKernel } from '../kernel/plan-kernel.ts';
import type { CommandRunner } from '../kernel/run-command.ts';
import { Namespace } from './namespace.ts';

/** Settings as the supervisor makes them (supervisor/kernel-settings.ts). */
const perDevice = ['rp_filter=2', 'src_valid_mark=1', 'send_redirects=0', 'accept_redirects=0'];

/** KernelWorld is a gateway's namespace and one for each peer; dispose removes them all. */
export class KernelWorld implements Disposable {
  readonly gateway = new Namespace('kw');
  readonly peers = new Map<string, Peer>();
  readonly #own: KernelOwnership;

  constructor(own: KernelOwnership) {
    this.#own = own;
    this.gateway.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.fwmark_reflect=1');
  }

  /** peer lays a lane to a host of this name, which is made if it is new. The first lane is the host's way to everything. */
  peer(name: string, lane: LaneId, addresses: readonly string[]): Peer {
    const known = this.peers.get(name);
    const peer = known ?? new Peer(new Namespace(name));
    this.peers.set(name, peer);
    const device = laneDevice(this.#own.installation, lane);
    const end = `to-${lane}`;
    const { gateway } = this;
    const mac = 'address 02:00:00:00:00:01';
    const ends = `link add ${device} ${mac} netns ${gateway.name} type veth peer name ${end} ${mac} netns ${peer.host.name}`;
    execFileSync('ip', ends.split(' '));
    gateway.ip(`link set ${device} arp off up`);
    const settings = perDevice.map((setting) => `net.ipv4.conf.${device}.${setting}`);
    gateway.exec('sysctl', '-qw', ...settings, `net.ipv6.conf.${device}.disable_ipv6=1`);
    peer.host.exec('sysctl', '-qw', `net.ipv6.conf.${end}.disable_ipv6=1`);
    for (const address of addresses) peer.host.ip(`addr add ${address}/32 dev ${end}`);
    peer.host.ip(`link set ${end} arp off up`);
    if (known === undefined) peer.host.ip(`route add default dev ${end}`);
    return peer;
  }

  /** run is the gateway's CommandRunner: what asks for tuns is shown the veths. */
  readonly run: CommandRunner = (program, args, input) =>
    this.gateway.run(
      program,
      args.map((word) => (word === 'tun' ? 'veth' : word)),
      input,
    );

  /** reconcile makes the kernel as desired and proves that nothing is missing then. Gives the plan as text. */
  async reconcile(desired: DesiredKernel): Promise<string> {
    assert.deepEqual(lintKernel(desired), []);
    const plan = await this.#plan(desired);
    await this.apply(plan);
    assert.equal(describePlan(await this.#plan(desired)), '');
    return describePlan(plan);
  }

  async apply(plan: KernelPlan): Promise<void> {
    const { failed, skipped } = await applyKernel(plan, this.run);
    assert.deepEqual([failed.map(describeFailure), skipped], [[], []]);
  }

  /** dropped counts the packets that a rule of our table has dropped. */
  dropped(rule: string): number {
    const rules = this.gateway.exec('nft', 'list', 'table', 'inet', this.#own.nftTable);
    return Number(new RegExp(`counter packets (\\d+) bytes \\d+ drop comment "${rule}"`).exec(rules)?.[1]);
  }

  async #plan(desired: DesiredKernel): Promise<KernelPlan> {
    return planKernel(desired, await observeKernel(this.#own, this.run), 'root');
  }

  [Symbol.dispose](): void {
    for (const { host } of this.peers.values()) host[Symbol.dispose]();
    this.gateway[Symbol.dispose]();
  }
}

/** Peer is a host on a lane. */
export class Peer {
  readonly host: Namespace;

  constructor(host: Namespace) {
    this.host = host;
  }

  /** answers lets it be these addresses, which lie behind it. */
  answers(...addresses: readonly string[]): void {
    for (const address of addresses) this.host.ip(`addr add ${address}/32 dev lo`);
  }

  /** ping sends one echo request and gives what ping says. Equal `id`s are one flow. */
  async ping(to: string, from: string, id?: number): Promise<string> {
    const flow = id === undefined ? [] : ['-e', String(id)];
    const { stdout, stderr } = await this.host.run('ping', ['-n', '-c', '1', '-W', '1', '-I', from, ...flow, to]);
    return stdout + stderr;
  }

  /** received counts the packets that have come in by its lanes. */
  received(lane: LaneId): number {
    return Number(this.host.exec('cat', `/sys/class/net/to-${lane}/statistics/rx_packets`));
  }
}
