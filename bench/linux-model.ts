/**
 * The model of Linux (src/core/trace/linux) against the kernel itself: input decisions on a host of 1,000 routes and 20 policy rules
 * with strict rp_filter, asked
 * of `decideInput` and of one `ip -batch` process of `ip route get`, the same questions in the same run. Budget: 50 µs of processor
 * time for
 * one decision, and no answer that differs. As root (a network namespace). `--json` for programs.
 */
import { address4 } from '../src/core/ip/address.ts';
import { decideInput } from '../src/core/trace/linux/decide-input.ts';
import { readLinuxHost } from '../src/core/trace/linux/linux-host.ts';
import { difference } from '../src/core/trace/linux/test-kernel-comparison.ts';
import type { KernelQuestion } from '../src/core/trace/linux/test-kernel-host.ts';
import { KernelHost } from '../src/core/trace/linux/test-kernel-host.ts';
import { Random } from '../src/core/trace/linux/test-random-host.ts';

const routes = 1000;
const rules = 20;
const questions = 5000;
const rounds = 5;
const budgetMicroseconds = 50;

const random = new Random(20261127);
using kernel = new KernelHost();
const refused = kernel.configure([
  'link add lan0 type veth peer name sw0',
  'tuntap add tun0 mode tun',
  ...['lan0', 'sw0', 'tun0'].map((device) => `link set ${device} up`),
  'addr add 10.0.0.10/16 dev lan0',
  'addr add 100.96.0.100/32 dev tun0',
  'route add 100.96.0.0/11 dev tun0',
  'route add default via 10.0.0.1',
  ...Array.from(
    { length: routes },
    (_, index) =>
      `route add 172.${String(16 + (index >> 8))}.${String(index & 255)}.0/24 via 10.0.1.${String(1 + (index % 250))}`,
  ),
  ...Array.from(
    { length: rules },
    (_, index) => `rule add pref ${String(100 + index)} from 192.168.${String(index)}.0/24 lookup 100`,
  ),
]);
if (refused !== '') throw new Error(`the host could not be made: ${refused}`);
kernel.shell('cd /proc/sys/net/ipv4; echo 1 >ip_forward; echo 1 >conf/all/rp_filter');

const asked = Array.from({ length: questions }, (): KernelQuestion => {
  const inside = address4((0xac10_0000 + random.below(routes * 256)) >>> 0);
  const client = address4((0x6460_0000 + random.below(1 << 21)) >>> 0);
  const outbound = random.chance(50);
  const packet = {
    source: outbound ? client : inside,
    destination: outbound ? inside : client,
    protocol: 'tcp',
    sourcePort: 40000,
    destinationPort: 443,
    kind: 'syn',
    bytes: 60,
    dontFragment: true,
    ttl: 64,
  } as const;
  return { packet, mark: 0, at: { iif: outbound ? 'tun0' : 'lan0' } };
});

const machine = kernel.observe();
const decideAll = () => {
  const host = readLinuxHost(machine);
  return asked.map(({ packet, at }) => decideInput(host, { packet, iif: 'iif' in at ? at.iif : '', mark: 0 }));
};

/** Processor time, which a busy machine does not lengthen. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / questions;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const started = performance.now();
const answers = kernel.ask(asked);
const kernelMicroseconds = ((performance.now() - started) * 1000) / questions;
const modelMicroseconds = median(Array.from({ length: rounds }, () => cost(() => void decideAll())));
const decisions = decideAll();
const differ = asked.filter((question, index) => {
  const [decision, answer] = [decisions[index], answers[index]];
  return (
    decision === undefined ||
    answer === undefined ||
    decision.kind === 'unknown' ||
    difference(question, decision, answer) !== undefined
  );
}).length;

const figures = {
  bench: 'linux-model',
  routes,
  rules,
  questions,
  modelMicroseconds: Number(modelMicroseconds.toFixed(2)),
  budgetMicroseconds,
  kernelMicroseconds: Number(kernelMicroseconds.toFixed(2)),
  agreement: (questions - differ) / questions,
};
if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else {
  console.log(
    `one decision, reading of the host included: model ${modelMicroseconds.toFixed(1)} µs (budget ${String(budgetMicroseconds)}), ip -batch ${kernelMicroseconds.toFixed(1)} µs; ${String(differ)} of ${String(questions)} differ`,
  );
}
