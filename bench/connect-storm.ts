/**
 * 100 real clients that connect at once to a gateway's two user lanes, agent and all, until every one is connected and its packets pass.
 * The named alternative is two hand-written raw openvpn servers with the same options and certificates in the same namespaces, which give
 * any address to anybody, and know neither routes nor firewall. Rounds are interleaved. Run as root.
 *
 * openvpn 2.6 takes a deferred answer (from an agent, a plugin or a script) into account about a second after it was given, also for one
 * client alone (openvpn.md 2.3); it does not for what it decides itself. So one client alone is measured too, and the second ratio leaves
 * that constant out.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointId } from '../src/core/ids.ts';
import { endpointNamed, exampleConfiguration } from '../src/gateway/testing/example.ts';
import { GatewayLab } from '../src/gateway/testing/gateway-lab.ts';
import { until } from '../src/gateway/testing/namespace.ts';
import { figure, progress, ratios, report } from './report/figures.ts';

const rounds = 3;
const clients = 100;
const patienceMs = 60_000;

const configuration = exampleConfiguration(1, clients);
const endpoints = Array.from({ length: clients }, (_, index) => endpointNamed(configuration, 'device', index));

await using lab = await GatewayLab.start(configuration, {});
for (const index of [0, 1]) lab.gateway.ip(`tuntap add dev raw${String(index)} mode tun`);
progress(`making ${String(clients)} profiles`);
const storm = lab.client(endpoints[0] ?? endpointNamed(configuration, 'device', 0), 'storm');
const profiles = endpoints.map((endpoint) => lab.credentials(endpoint));

const running = new Set<ChildProcess>();

function start(host: string, config: string): void {
  const child = spawn('ip', ['netns', 'exec', host, 'openvpn', '--config', config], { stdio: 'ignore' });
  running.add(child);
  child.once('exit', () => running.delete(child));
}

async function endAll(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await until('all processes have ended', () => running.size === 0);
}

/** connectAll starts every client and gives the milliseconds until the last one says that it is connected. */
async function connectAll(label: string, ports: readonly [number, number], count = clients): Promise<number> {
  const logs = profiles.slice(0, count).map((profile, index) => {
    const base = join(lab.directory, `${label}-${String(index)}`);
    const lines = [
      'client',
      'dev null',
      'ifconfig-noexec',
      'route-noexec',
      'nobind',
      'proto udp4',
      `remote 192.0.1.1 ${String(ports[index % 2])}`,
    ];
    lines.push('remote-cert-tls server', 'push-peer-info', 'disable-dco', 'connect-retry 1 5', 'verb 3', `log ${base}.log`);
    writeFileSync(`${base}.conf`, `${lines.join('\n')}\n${profile}`);
    return base;
  });
  const startedAt = performance.now();
  for (const base of logs) start(storm.host.name, `${base}.conf`);
  const waiting = new Set(logs);
  await until(
    'every client is connected',
    () => {
      for (const base of waiting) if (readOr(`${base}.log`).includes('Initialization Sequence Completed')) waiting.delete(base);
      return waiting.size === 0;
    },
    patienceMs,
  );
  return performance.now() - startedAt;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The raw servers take their options from the lanes that the supervisor would start, without the agent's. */
function startRaw(ports: readonly [number, number]): void {
  const lane = readFileSync(join(lab.directory, 'gateway/lanes/u0/lane.conf'), 'utf8').split('\n');
  const ours = /^(dev|port|management|auth-user-pass-optional|ifconfig|topology|push|log-append|mode|tls-server|route-noexec)/;
  for (const [index, port] of ports.entries()) {
    const config = join(lab.directory, `raw-${String(index)}.conf`);
    const own = [
      `dev raw${String(index)}`,
      'dev-type tun',
      `port ${String(port)}`,
      'topology subnet',
      `server 10.8${String(index)}.0.0 255.255.0.0`,
      'ifconfig-noexec',
      `log ${config}.log`,
    ];
    writeFileSync(config, [...lane.filter((line) => !ours.test(line)), ...own].join('\n'));
    start(lab.gateway.name, config);
  }
}

function carried(since: number): ReadonlySet<EndpointId> {
  const live = lab.controller
    .sessions()
    .filter(({ state, startedAt }) => state === 'established' && Date.parse(startedAt) >= since);
  return new Set(live.map(({ endpoint }) => endpoint as EndpointId));
}

const ours: number[] = [];
const passing: number[] = [];
const raw: number[] = [];
const oursAlone: number[] = [];
const rawAlone: number[] = [];
try {
  for (let round = 0; round < rounds; round += 1) {
    progress(`round ${String(round + 1)} of ${String(rounds)}`);
    const since = Date.now();
    const connected = connectAll(`ours${String(round)}`, [1194, 1195]);
    await until('every session is carried', () => carried(since).size === clients, patienceMs);
    passing.push(Date.now() - since);
    ours.push(await connected);
    await endAll();
    oursAlone.push(await connectAll(`ours-alone${String(round)}`, [1194, 1195], 1));
    await endAll();
    await until('the gateway has noticed that they left', () => carried(since).size === 0, patienceMs);
    startRaw([1301, 1302]);
    await until('the raw servers run', () =>
      [0, 1].every((index) =>
        readOr(join(lab.directory, `raw-${String(index)}.conf.log`)).includes('Initialization Sequence Completed'),
      ),
    );
    raw.push(await connectAll(`raw${String(round)}`, [1301, 1302]));
    rawAlone.push(await connectAll(`raw-alone${String(round)}`, [1301, 1302], 1));
    await endAll();
  }
} finally {
  await endAll();
}

const withoutConstant = ours.map((ms, round) => ms - (oursAlone[round] ?? 0) + (rawAlone[round] ?? 0));
report('connect-storm', [
  figure(`${String(clients)} clients connected`, 'ms', ours),
  figure('raw openvpn, the same clients', 'ms', raw),
  figure('ratio', 'x', ratios(ours, raw)),
  figure('one client alone', 'ms', oursAlone),
  figure('raw openvpn, one client alone', 'ms', rawAlone),
  figure('ratio without the difference of one alone', 'x', ratios(withoutConstant, raw)),
  figure('and carried by the kernel, told', 'ms', passing),
]);
