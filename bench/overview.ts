/**
 * What the portal's overview asks for, over HTTP on a real PostgreSQL with 5,000 devices, 4,000 of them connected, and 300 connectors: the map in
 * one answer, and searches. The alternative beside the map is the two calls that a portal without it would need at least, a page of devices
 * and the status. Also how long a change takes to reach 200 open streams of events.
 */
import { once } from 'node:events';
import http from 'node:http';
import { eventStreamPath } from '../src/contract/api/event.ts';
import { appendEvents } from '../src/controller/store/model-transaction.ts';
import { testController } from '../src/controller/test-controller.ts';
import { figure, progress, ratios, report } from './report/figures.ts';
import { fillLargeWpc } from './shapes/large-wpc.ts';

const rounds = 5;
const streams = 200;

await using controller = await testController();
const { store } = controller.deps;
const address = await controller.app.listen({ host: '127.0.0.1', port: 0 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const token = await controller.tokenWith(['all:read']);
const headers = { authorization: `Bearer ${token}` };

async function get(path: string): Promise<number> {
  const start = performance.now();
  const request = http.get(`${address}${path}`, { agent, headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`GET ${path} answered ${String(response.statusCode)}`);
  response.resume();
  await once(response, 'end');
  return performance.now() - start;
}

async function p95(requests: number, run: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) times.push(await run());
  return times.toSorted((a, b) => a - b)[Math.floor(requests * 0.95)] ?? Number.NaN;
}

progress('5,000 devices, 300 connectors');
await fillLargeWpc(store.database);
const map: number[] = [];
const separate: number[] = [];
const name: number[] = [];
const inNetwork: number[] = [];
const ofDevice: number[] = [];
const own = '/api/causeway/v1';
await p95(5, async () => await get(`${own}/overview`));
for (let round = 0; round < rounds; round += 1) {
  map.push(await p95(40, async () => await get(`${own}/overview`)));
  separate.push(await p95(40, async () => (await get('/api/v1/devices?size=1000')) + (await get(`${own}/status`))));
  name.push(await p95(40, async () => await get(`${own}/search?q=user49`)));
  inNetwork.push(await p95(40, async () => await get(`${own}/search?q=10.0.7.20`)));
  ofDevice.push(await p95(40, async () => await get(`${own}/search?q=100.97.3.7`)));
}
agent.destroy();

progress(`${String(streams)} streams of events`);
const told: number[] = [];
const readers = await Promise.all(Array.from({ length: streams }, async () => await follow()));
for (let round = 0; round < rounds; round += 1) {
  const start = performance.now();
  const all = readers.map(async (reader) => await reader.next());
  await appendEvents(store, [{ topic: 'bench.round', entity: 'bench', entityId: String(round) }]);
  await Promise.all(all);
  told.push(performance.now() - start);
}
for (const reader of readers) reader.close();

report('overview', [
  figure('p95 of the overview', 'ms', map, { atMost: 100 }),
  figure('p95 of 1,000 devices and the status (the alternative)', 'ms', separate),
  figure('overview against these two', 'times', ratios(map, separate)),
  figure('p95 of a search by a part of a name', 'ms', name, { atMost: 50 }),
  figure('p95 of a search for an address of a network', 'ms', inNetwork, { atMost: 50 }),
  figure('p95 of a search for the address of a device', 'ms', ofDevice, { atMost: 50 }),
  figure('an event on all of 200 streams', 'ms', told, { atMost: 1000 }),
]);

/** A reader whose `next` resolves with the next event; each has a token of its own, as 200 people would. */
async function follow(): Promise<{ next: () => Promise<void>; close: () => void }> {
  const authorization = `Bearer ${await controller.tokenWith(['event:read'])}`;
  const request = http.get(`${address}${eventStreamPath}`, { agent: false, headers: { authorization } });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const pieces: AsyncIterator<unknown> = response[Symbol.asyncIterator]();
  const next = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done === true) throw new Error('a stream of events ended');
      // Not a heartbeat, which has no id.
      if (String(value).includes('id: ')) return;
    }
  };
  // The place from which it goes on.
  await next();
  return { next, close: () => request.destroy() };
}
