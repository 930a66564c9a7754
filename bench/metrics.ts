/**
 * What Prometheus asks for, over HTTP on a real PostgreSQL with 5,000 devices, 4,000 of them connected, and 300 connectors of which the gateway
 * counts bytes and probes. The alternative beside it is the status, which says less and is what somebody without metrics would ask for.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { GatewayFigures } from '../src/contract/gateway.ts';
import { testController } from '../src/controller/test-controller.ts';
import { figure, progress, ratios, report } from './report/figures.ts';
import { fillLargeWpc } from './shapes/large-wpc.ts';

const rounds = 5;
const requests = 40;

await using controller = await testController();
const { store, metrics } = controller.deps;
const address = await controller.app.listen({ host: '127.0.0.1', port: 0 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const headers = { authorization: `Bearer ${await controller.tokenWith(['all:read'])}` };
let series = 0;

async function get(path: string): Promise<number> {
  const start = performance.now();
  const request = http.get(`${address}${path}`, { agent, headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`GET ${path} answered ${String(response.statusCode)}`);
  let text = '';
  response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await once(response, 'end');
  if (path === '/metrics') series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  return performance.now() - start;
}

async function p95(path: string): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) times.push(await get(path));
  return times.toSorted((a, b) => a - b)[Math.floor(requests * 0.95)] ?? Number.NaN;
}

progress('5,000 devices, 300 connectors');
await fillLargeWpc(store.database);
const connectors = await store.database.selectFrom('connector').select('id').execute();
const gateway = await store.database.selectFrom('gateway').select('id').executeTakeFirstOrThrow();
const nothing = { unchanged: 1, changed: 1, partial: 0, failed: 0 };
const figures: GatewayFigures = {
  startedAt: new Date().toISOString(),
  process: { cpuSeconds: 1, residentBytes: 1 },
  streamOpens: 1,
  failedReports: 0,
  kernel: { passes: nothing, passSeconds: 1, repairs: 0, failedSteps: { nft: 0, ip: 0 } },
  changes: { applied: 1, applySeconds: 1 },
  connects: [{ outcome: 'accepted', count: 4_300 }],
  lanes: Array.from({ length: 256 }, (_, index) => ({ lane: `c${String(index)}`, exits: 0, bytesIn: 1, bytesOut: 1 })),
  connectors: connectors.map(({ id }) => ({ connector: id, bytesIn: 1, bytesOut: 1, probesAnswered: 1, probesMissed: 1 })),
  moves: [],
};

const read: number[] = [];
const status: number[] = [];
await get('/metrics');
for (let round = 0; round < rounds; round += 1) {
  metrics.gateways.keep(gateway.id, figures, Date.now());
  read.push(await p95('/metrics'));
  status.push(await p95('/api/causeway/v1/status'));
}
agent.destroy();

report('metrics', [
  figure('p95 of /metrics', 'ms', read, { atMost: 150 }),
  figure('p95 of the status (the alternative)', 'ms', status),
  figure('/metrics against it', 'times', ratios(read, status)),
  figure('series in an answer', 'series', [series], { atMost: 8_000 }),
]);
