/** Calls of the contract against the real application, for tests: every answer is held against its schema, unknown keys included. */
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { z } from 'zod';
import type { RouteShape } from '../../contract/api/route.ts';
import { pathTo } from '../../contract/api/route.ts';
import { errorResponse } from '../../contract/errors.ts';
import type { TestController } from '../test-controller.ts';

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
