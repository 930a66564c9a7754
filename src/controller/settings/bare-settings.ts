import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { invalidInput } from '../../contract/errors.ts';
import type { ControllerApp } from '../deps.ts';
import type { Store } from '../store/store.ts';
import type { WpcSettings } from './wpc-settings.ts';
import { changeWpcSettings, readWpcSettings } from './wpc-settings.ts';

/** Settings that the vendor serves as a bare value, in JSON or as text (api.md 5). */
export const readSetting = { auth: { kind: 'api', permission: 'settings:read' } } as const;
export const modifySetting = { auth: { kind: 'api', permission: 'settings:modify' } } as const;

/** A boolean, also as text/plain. */
export const flag = z.union(
  [
    z.boolean(),
    z
      .string()
      .trim()
      .regex(/^(?:true|false)$/)
      .transform((text) => text === 'true'),
  ],
  { error: 'is not a boolean; allowed: true, false' },
);

const word = z.string().trim().max(200);

/** registerWord serves a setting that is one word of a list, as text, at `/settings/NAME`. */
export function registerWord<Column extends 'profile_distribution' | 'device_enforcement' | 'connect_auth'>(
  app: ControllerApp,
  store: Store,
  { name, column, allowed }: { readonly name: string; readonly column: Column; readonly allowed: readonly WpcSettings[Column][] },
): void {
  const path = `/settings/${name}`;
  app.get(path, { config: readSetting }, async (_request, reply) =>
    sendText(reply, (await readWpcSettings(store.database))[column]),
  );
  app.put(path, { config: modifySetting, schema: { body: word } }, async (request, reply) => {
    const wanted = allowed.find((each) => each === request.body);
    if (wanted === undefined) throw invalidInput(name, request.body, 'is not allowed', allowed.join(', '));
    await changeWpcSettings(store, request.actor, () => ({ [column]: wanted }));
    return await sendText(reply, wanted);
  });
}

/** Fastify sends a bare boolean or number only as text that was made JSON before. */
export async function sendJson(reply: FastifyReply, value: number | boolean): Promise<FastifyReply> {
  return await reply.type('application/json').send(JSON.stringify(value));
}

async function sendText(reply: FastifyReply, value: string): Promise<FastifyReply> {
  return await reply.type('text/plain').send(value);
}
