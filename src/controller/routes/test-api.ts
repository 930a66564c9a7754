/** Calls of the contract against the real application, for tests: every answer is held against its schema, unknown keys included. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { RouteShape } from '../../contract/api/route.ts';
import { pathTo } from '../../contract/api/route.ts';
import { errorResponse } from '../../contract/errors.ts';
import type { GatewayId } from '../../core/ids.ts';
import { SignerClient } from '../pki/signer-client.ts';
import { systemActor } from '../principal.ts';
import { startSigner } from '../signer/test-signer.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';
import type { TestController, TestOverrides } from '../test-controller.ts';

type Parts = { readonly id?: string; readonly query?: Readonly<Record<string, string>>; readonly body?: unknown };
type Answered<Shape extends RouteShape> = Shape['answer'] extends z.ZodType ? z.output<Shape['answer']> : string;

/** urlOf is the address of a call. */
export function urlOf(shape: RouteShape, { id, query }: Parts): string {
  const path = pathTo(shape.path, id === undefined ? {} : { id, reference: id });
  return query === undefined ? path : `${path}?${new URLSearchParams(query).toString()}`;
}

/** call expects success, and an answer of exactly the keys that the contract names. */
export async function call<const Shape extends RouteShape>(
  controller: TestController,
  shape: Shape,
  parts: Parts = {},
): Promise<Answered<Shape>> {
  const answer = await controller.request(shape.method, urlOf(shape, parts), parts.body);
  const expected = shape.answer === null ? 204 : (shape.status ?? 200);
  assert.equal(answer.status, expected, `${shape.method} ${urlOf(shape, parts)}: ${answer.text}`);
  if (!(shape.answer instanceof z.ZodType)) return answer.text as Answered<Shape>;
  const value: unknown = answer.json();
  const parsed: unknown = shape.answer.parse(value);
  assert.deepEqual(value, parsed, 'the answer has keys that are not in the contract');
  return parsed as Answered<Shape>;
}

export type Refusal = { readonly status: number; readonly code: string; readonly field: string; readonly message: string };

/** refusal expects an error body, and that the refused call changed nothing at all. */
export async function refusal(controller: TestController, shape: RouteShape, parts: Parts = {}): Promise<Refusal> {
  const before = await everything(controller);
  const answer = await controller.request(shape.method, urlOf(shape, parts), parts.body);
  assert.ok(answer.status >= 400, `${shape.method} ${urlOf(shape, parts)} was accepted: ${answer.text}`);
  assert.ok(answer.status < 500, answer.text);
  const { errorDetails, errorMessage } = errorResponse.parse(answer.json());
  const [field = '', [detail] = []] = Object.entries(errorDetails)[0] ?? [];
  assert.equal(await everything(controller), before, `the refused ${shape.method} ${urlOf(shape, parts)} changed something`);
  return { status: answer.status, code: detail?.errorCode ?? '', field, message: errorMessage };
}

const tables = [
  'wpc',
  'network',
  'network_route',
  'host',
  'connector',
  'user_group',
  'app_user',
  'device',
  'tunnel_address',
  'certificate',
  'lane_assignment',
  'install_token',
  'mail_server',
  'mail',
  'invitation',
  'profile_link',
  'api_credential',
  'account',
  'recovery_code',
  'web_session',
  'browser',
  'one_time_link',
  'event',
  'audit',
] as const;

/** everything is the text of all rows of the model, its revision, events and audit. */
export async function everything(controller: TestController): Promise<string> {
  const texts = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await sql<{ text: string | null }>`
        select jsonb_agg(to_jsonb(t) order by to_jsonb(t)::text)::text as text from ${sql.table(table)} t`.execute(
        controller.database.store.database,
      );
      return `${table} ${rows[0]?.text ?? ''}`;
    }),
  );
  return texts.join('\n');
}

/** revisionOf is the model's revision: it says whether gateways were told anything. */
export async function revisionOf(controller: TestController): Promise<number> {
  const { revision } = await controller.database.store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
  return revision;
}

/** Names that break programs which do not quote. */
export const nastyNames: readonly string[] = [
  '"quoted" and \'single\'',
  'two\nlines',
  'push "route 0.0.0.0 0.0.0.0"\n</ca>',
  '$(reboot) `reboot` ; reboot',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '👩‍👩‍👧‍👦'.repeat(200),
  'a\u202eb',
  '%s%n',
  ' ',
];

export type IssuingController = AsyncDisposable & { readonly controller: TestController; readonly gateway: GatewayId };

/** issuingController has what profiles need: the real signer process and a gateway in the default region that reports. */
export async function issuingController(overrides: TestOverrides = {}): Promise<IssuingController> {
  const signer = await startSigner();
  const client = new SignerClient(signer.socketPath);
  const controller = await testController({ signer: client, ...overrides });
  const { store } = controller.deps;
  const gateway = await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const { id } = await trx
      .insertInto('gateway')
      .values({ name: 'local', region: trx.selectFrom('wpc').select('default_region'), user_lanes: 2, reported_at: new Date() })
      .returning('id')
      .executeTakeFirstOrThrow();
    record({ entity: 'gateway', entityId: id, action: 'created' });
    return id;
  });
  const close = async (): Promise<void> => {
    await controller.close();
    await client.close();
    await signer.stop();
  };
  return { controller, gateway, [Symbol.asyncDispose]: close };
}

export type SessionOf = { readonly connector?: string; readonly device?: string; readonly user?: string };

/** reportSession writes a session as a gateway's report does, with the certificate that its end has got last, if it has any. */
export async function reportSession(
  { controller, gateway }: IssuingController,
  of: SessionOf,
  session: {
    readonly state: 'established' | 'ended' | 'refused';
    readonly startedAt?: Date;
    readonly endedAt?: Date;
    readonly lane?: string;
  },
): Promise<string> {
  const lane = session.lane ?? 'u0';
  const key = `${lane}:1:${randomUUID()}`;
  const { rows } = await sql<{ id: string }>`
    insert into session (gateway_id, key, lane, connector_id, device_id, user_id, serial, state, client_address, tunnel_address, region,
      connector_name, device_name, user_name, site_name, bytes_in, bytes_out, started_at, ended_at)
    values (${gateway}, ${key}, ${lane}, ${of.connector ?? null}, ${of.device ?? null}, ${of.user ?? null},
      coalesce((select serial from certificate where (connector_id = ${of.connector ?? null}::uuid or device_id = ${of.device ?? null}::uuid)
        and revoked_at is null order by created_at desc limit 1), ${'ab'.repeat(16)}), ${session.state},
      '203.0.113.7', '100.96.0.100', 'eu-central-1', ${of.connector === undefined ? null : 'hq-1'}, ${of.device === undefined ? null : 'laptop'},
      ${of.user === undefined ? null : 'bob'}, ${of.connector === undefined ? null : 'HQ'}, 10, 20, ${session.startedAt ?? new Date()}, ${session.endedAt ?? null})
    returning id`.execute(controller.database.store.database);
  return rows[0]?.id ?? '';
}
