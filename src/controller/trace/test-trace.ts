/** A small WPC that is traced in tests: HQ behind hq-1, Bob with a laptop, a gateway that reports, and an agent that answers as it is told. */
import { sql } from 'kysely';
import type { ConnectorId, DeviceId } from '../../core/ids.ts';
import { connectorSections } from '../../core/trace/testing/connector-sections.ts';
import type { ControllerDeps } from '../deps.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import type { SmallWpc } from '../pki/test-pki.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { SignerClient } from '../pki/signer-client.ts';
import { startSigner } from '../signer/test-signer.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';

export type TracedWpc = AsyncDisposable & {
  readonly controller: TestController;
  readonly wpc: SmallWpc;
  /** Writes what hq-1's agent has reported, after everything that has happened so far; `age_s` is how long ago. */
  readonly observe: (sections: Readonly<Record<string, string>>, age_s?: number) => Promise<void>;
  /** Runs hq-1's agent: it polls, and answers each line of a request (contract/agent-request.ts) with what `answer` says; `report` observes. */
  readonly agent: (
    answer: (question: string) => string,
    report?: () => Promise<void>,
  ) => Disposable & { readonly asked: readonly string[] };
};

/** What the agent of a Linux machine at 10.0.0.10 reports of its interfaces and routes. */
export const lanSections = {
  addr: JSON.stringify([
    { ifname: 'ens5', flags: ['UP'], addr_info: [{ family: 'inet', local: '10.0.0.10', prefixlen: 18, scope: 'global' }] },
  ]),
  route: JSON.stringify([
    { dst: 'default', gateway: '10.0.0.1', dev: 'ens5' },
    { dst: '10.0.0.0/18', dev: 'ens5', scope: 'link', prefsrc: '10.0.0.10' },
  ]),
};

/** sectionsOf gives what the agent of such a machine posts as `TracedWpc.observe` takes it. */
export function sectionsOf(plan: Parameters<typeof connectorSections>[0]): Readonly<Record<string, string>> {
  return Object.fromEntries([...connectorSections(plan).sections].map(([name, { body }]) => [name, body]));
}

export async function tracedWpc(overrides: Partial<ControllerDeps> = {}): Promise<TracedWpc> {
  const signer = await startSigner();
  const client = new SignerClient(signer.socketPath);
  const controller = await testController({ signer: client, ...overrides });
  const { database } = controller.database.store;
  const wpc = await makeSmallWpc(controller.database.store);
  await sql`update gateway set reported_at = now(), problems = '[{"code": "x", "message": "nothing much"}]',
    pools = ${JSON.stringify([{ pool: `network:${wpc.network}`, owners: [wpc.connector], reason: 'the only one', since: '2026-01-31T12:00:00.000Z' }])}::jsonb`.execute(
    database,
  );
  await attach(controller, { connector: wpc.connector, lane: 'c0' });
  await attach(controller, { device: wpc.device, lane: 'u0' });
  const running = new Set<Disposable>();
  return {
    controller,
    wpc,
    observe: async (sections, age_s = 0) => {
      const at = new Date(Date.now() - age_s * 1000);
      await sql`update event set at = least(at, ${new Date(at.getTime() - 60_000)})`.execute(database);
      await database
        .insertInto('observation')
        .values(
          Object.entries(sections).map(([section, body]) => ({ connector_id: wpc.connector, section, body, observed_at: at })),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['connector_id', 'section'])
            .doUpdateSet((row) => ({ body: row.ref('excluded.body'), observed_at: row.ref('excluded.observed_at') })),
        )
        .execute();
    },
    agent: (answer, report = async () => undefined) => {
      const started = startAgent(controller, wpc.connector, answer, report);
      running.add(started);
      return started;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of running) each[Symbol.dispose]();
      await controller.close();
      await client.close();
      await signer.stop();
    },
  };
}

async function attach(
  controller: TestController,
  of: { readonly connector?: ConnectorId; readonly device?: DeviceId; readonly lane: string },
): Promise<void> {
  await sql`insert into session (gateway_id, key, lane, connector_id, device_id, serial, state, client_address, region, started_at)
    select id, ${`${of.lane}:1:1`}, ${of.lane}, ${of.connector ?? null}, ${of.device ?? null}, ${'ab'.repeat(16)}, 'established',
      '203.0.113.7:1194', region, now() from gateway`.execute(controller.database.store.database);
}

function startAgent(
  controller: TestController,
  connector: ConnectorId,
  answer: (question: string) => string,
  report: () => Promise<void>,
): Disposable & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const secret = newSecret();
  const headers = { authorization: `Bearer ${secret}` };
  const api = '/api/causeway/v1/connector-agent';
  let isStopped = false;
  const run = async (): Promise<void> => {
    const { database } = controller.database.store;
    const expires_at = new Date(Date.now() + 3_600_000);
    await database
      .insertInto('agent_credential')
      .values({ secret_sha256: hashSecret(secret), connector_id: connector, expires_at })
      .execute();
    while (!isStopped) {
      const { revision } = await database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
      const url = `${api}/desired?revision=${String(revision)}&wait=1&asks=yes`;
      const lines = (await controller.app.inject({ method: 'GET', url, headers })).body.split('\n');
      const id = lines.find((line) => line.startsWith('ask '))?.split(' ')[1];
      if (id === undefined) continue;
      const questions = lines.filter((line) => /^(probe|act) /.test(line));
      asked.push(...questions);
      const post = async (payload: string): Promise<void> => {
        await controller.app.inject({
          method: 'POST',
          url: `${api}/answers?ask=${id}`,
          headers: { ...headers, 'content-type': 'text/plain' },
          payload,
        });
      };
      if (questions.length > 0) {
        await post(questions.map((line) => `${line.split(' ')[1] ?? ''} ${answer(line.replace(/^\w+ \d+ /, ''))}`).join('\n'));
      }
      if (lines.includes('observe')) {
        asked.push('observe');
        await report();
        await post('observed');
      }
    }
  };
  // The application is closed under it at the end of a test.
  void run().catch(() => undefined);
  return {
    asked,
    [Symbol.dispose]: () => {
      isStopped = true;
    },
  };
}
