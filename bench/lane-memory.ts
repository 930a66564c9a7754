/**
 * What a connector costs the gateway in memory (design.md 12: at most 2 MB for each lane), with 10, 100 and 256 connectors that are connected,
 * each on a lane of its own: MB of all lanes by the number of connectors, what one lane adds to the others, and the gateway's agent. The named
 * alternative in the same run is the kernel's own PSS of the same processes. Run as root. `--json` for programs.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaneId } from '../src/core/lanes.ts';
import { runCommand } from '../src/gateway/kernel/run-command.ts';
import { endpointNamed, exampleConfiguration } from '../src/gateway/testing/example.ts';
import { GatewayLab } from '../src/gateway/testing/gateway-lab.ts';
import { until } from '../src/gateway/testing/namespace.ts';
import { marginalOf, memoryOf, proportionalMemoryOf } from './measure/memory.ts';
import { processTable } from './measure/processes.ts';
import type { Figure } from './report/figures.ts';
import { figure, progress, report } from './report/figures.ts';

const sizes = [10, 100, 256];
const patienceMs = 180_000;
/** What one adds is asked of this many: each look reads the mappings of all the others. */
const sampled = 5;

/** connectAll starts a client of each connector without a tun and waits until each is connected. */
async function connectAll(lab: GatewayLab, count: number): Promise<Set<ChildProcess>> {
  const running = new Set<ChildProcess>();
  const { configuration } = lab.controller;
  const endpoints = Array.from({ length: count }, (_, index) => endpointNamed(configuration, 'connector', index));
  const [first] = endpoints;
  if (first === undefined) throw new RangeError('no connector was asked for');
  const host = lab.client(first, 'crowd').host.name;
  const logs = endpoints.map((endpoint, index) => {
    const lane = configuration.endpoints[endpoint]?.lane;
    if (lane === undefined || lane === null) throw new Error(`${endpoint} has no lane of its own`);
    const base = join(lab.directory, `crowd-${index}`);
    const options = ['client', 'dev null', 'ifconfig-noexec', 'route-noexec', 'nobind', 'proto udp4', 'remote-cert-tls server'];
    const more = [`remote 192.0.1.1 ${lab.portOf(lane).port}`, 'push-peer-info', 'disable-dco', 'verb 3', `log ${base}.log`];
    writeFileSync(`${base}.conf`, `${[...options, ...more].join('\n')}\n${lab.credentials(endpoint)}`);
    const child = spawn('ip', ['netns', 'exec', host, 'openvpn', '--config', `${base}.conf`], { stdio: 'ignore' });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return `${base}.log`;
  });
  const waiting = new Set(logs);
  await until(
    'every connector is connected',
    () => {
      for (const log of waiting) if (readOr(log).includes('Initialization Sequence Completed')) waiting.delete(log);
      return waiting.size === 0;
    },
    patienceMs,
  );
  return running;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function measure(count: number): Promise<Figure[]> {
  progress(`${count} connectors ...`);
  await using lab = await GatewayLab.start(exampleConfiguration(count, 0), {});
  const clients = await connectAll(lab, count);
  try {
    const lanes = Array.from({ length: count }, (_, index) => lab.keeper.pidOf(`c${index}` as LaneId)).filter(
      (pid) => pid !== undefined,
    );
    const { stdout } = await runCommand('ip', ['netns', 'pids', lab.gateway.name]);
    const inside = new Set(stdout.split('\n').map(Number));
    const agent = processTable().filter(({ pid, command }) => inside.has(pid) && command.includes('src/gateway/main.ts'));
    return [
      figure(`${count} connectors: all their lanes, for each`, 'MB', [memoryOf(lanes) / count]),
      figure('  what one lane adds to the others', 'MB', marginalOf(lanes, sampled), { atMost: 2 }),
      figure("  by the kernel's PSS, for each (the alternative)", 'MB', [proportionalMemoryOf(lanes) / count]),
      figure("  the gateway's agent", 'MB', [memoryOf(agent.map(({ pid }) => pid))]),
    ];
  } finally {
    for (const child of clients) child.kill('SIGKILL');
    await until('all clients have ended', () => clients.size === 0);
  }
}

const figures: Figure[] = [];
for (const count of sizes) figures.push(...(await measure(count)));
report('lane-memory', figures);
