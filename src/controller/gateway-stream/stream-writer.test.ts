import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { describe, it } from 'node:test';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { GatewayId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { CompiledConfiguration, CompiledDelta } from './configuration-source.ts';
import type { StreamSource } from './stream-writer.ts';
import { StreamWriter } from './stream-writer.ts';

const gateway = '00000000-0000-4000-8000-000000000001' as GatewayId;

/** Much more than the socket buffers of both ends hold. */
const bigText = 'x'.repeat(24 * 1024 * 1024);

describe('StreamWriter', () => {
  it('queues nothing for a reader that has stopped reading, and gives it the newest when it reads again', async () => {
    const source = new RevisedSource();
    await using served = await serve((response) => new StreamWriter(response, source, { ...options, heldRevision: null }));
    const response = await served.connect();
    await waitFor('the first bytes', () => response.readableLength > 0);
    // Not reading: what was written stays in the buffers of the two sockets and of the response.
    for (let revision = 2; revision <= 50; revision += 1) source.advance();
    assert.ok(served.queued() < 2 * bigText.length, `${served.queued()} bytes are queued`);
    const events = await readUntil(response, 50);
    assert.deepEqual(events, ['snapshot 1', 'snapshot 50']);
  });

  it('sends deltas to a reader that keeps up, and goes on after a heartbeat', async () => {
    const source = new RevisedSource({ deltasKept: 100, text: 'small' });
    await using served = await serve(
      (response) => new StreamWriter(response, source, { ...options, heldRevision: 1, heartbeatMs: 5 }),
    );
    const response = await served.connect();
    source.advance();
    source.advance();
    assert.deepEqual(await readUntil(response, 3), ['delta 2', 'delta 3']);
  });

  it('sends a snapshot when the deltas from the held revision are not kept any more', async () => {
    const source = new RevisedSource({ deltasKept: 2, text: 'small' });
    for (let revision = 2; revision <= 9; revision += 1) source.advance();
    await using served = await serve((response) => new StreamWriter(response, source, { ...options, heldRevision: 3 }));
    assert.deepEqual(await readUntil(await served.connect(), 9), ['snapshot 9']);
  });

  it('ends at once for a gateway that does not exist or whose token is another', async () => {
    for (const change of [{ gateway: '00000000-0000-4000-8000-000000000002' as GatewayId }, { tokenHash: 'bb' }]) {
      const source = new RevisedSource({ text: 'small' });
      await using served = await serve(
        (response) => new StreamWriter(response, source, { ...options, heldRevision: null, ...change }),
      );
      const response = await served.connect();
      response.resume();
      await once(response, 'end');
      assert.equal(source.listeners, 0);
    }
  });
});

const options = { gateway, tokenHash: 'aa', heartbeatMs: 60_000 };

/** A source whose revisions advance on command; its texts stand for large configurations. */
class RevisedSource implements StreamSource {
  readonly compiled = true;
  readonly #listeners = new Set<() => void>();
  readonly #deltasKept: number;
  readonly #text: string;
  #revision = 1;

  constructor(change: { deltasKept?: number; text?: string } = {}) {
    this.#deltasKept = change.deltasKept ?? 0;
    this.#text = change.text ?? bigText;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  advance(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  current(of: GatewayId): CompiledConfiguration | undefined {
    if (of !== gateway) return undefined;
    const configuration: GatewayConfiguration = {
      revision: this.#revision,
      gateway: { id: gateway, address: '100.96.0.1' as AddressText, tunnelRanges: [], publicAddresses: [], dnsServers: [] },
      lanes: {},
      endpoints: {},
      certificates: {},
      prefixes: {},
      networks: {},
      egress: {},
    };
    return { configuration, tokenHash: 'aa', json: () => JSON.stringify(this.#text) };
  }

  deltasSince(_of: GatewayId, revision: number): readonly CompiledDelta[] | undefined {
    if (this.#revision - revision > this.#deltasKept) return undefined;
    return Array.from({ length: this.#revision - revision }, (_, index) => {
      const from = revision + index;
      return { delta: { from, to: from + 1 }, json: JSON.stringify(this.#text) };
    });
  }
}

async function serve(open: (response: http.ServerResponse) => StreamWriter) {
  let served: http.ServerResponse | undefined;
  const server = http.createServer((_request, response) => {
    served = response;
    open(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const requests: http.ClientRequest[] = [];
  return {
    queued: () => served?.writableLength ?? 0,
    connect: async (): Promise<http.IncomingMessage> =>
      await new Promise((resolve, reject) => {
        const request = http.get({ port: address.port, host: '127.0.0.1', agent: false }, (response) => {
          response.on('error', () => undefined);
          resolve(response);
        });
        request.once('error', reject);
        requests.push(request);
      }),
    [Symbol.asyncDispose]: async () => {
      for (const request of requests) request.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Gives `EVENT ID` of each event up to the one with the wanted id. */
async function readUntil(response: http.IncomingMessage, id: number): Promise<string[]> {
  const events: string[] = [];
  let head = '';
  response.setEncoding('latin1');
  for await (const piece of response) {
    // Data lines are long and of no interest: only their first characters are kept.
    head = (head + String(piece)).replace(/x+/g, 'x');
    for (;;) {
      const event = /event: (\w+)\nid: (\d+)\ndata: .*\n\n/.exec(head);
      if (event === null) break;
      head = head.slice(event.index + event[0].length);
      events.push(`${event[1] ?? ''} ${event[2] ?? ''}`);
    }
    if (events.at(-1)?.endsWith(` ${id}`) === true) break;
  }
  return events;
}

async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < giveUpAt, `waited 10 s for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
