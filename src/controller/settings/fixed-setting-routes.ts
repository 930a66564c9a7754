import { isDeepStrictEqual } from 'node:util';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CausewayError, notSupported } from '../../contract/errors.ts';
import type { RegisterRoutes } from '../deps.ts';
import type { FixedSetting } from './fixed-settings.ts';
import { fixedSettings, fixedSwitches } from './fixed-settings.ts';

const read = { auth: { kind: 'api', permission: 'settings:read' } } as const;
const modify = { auth: { kind: 'api', permission: 'settings:modify' } } as const;

/** registerFixedSettings serves the settings that have one possible value. */
export const registerFixedSettings: RegisterRoutes = (app) => {
  for (const setting of fixedSettings) {
    app.get(setting.path, { config: read }, async (_request, reply) => await sendValue(reply, setting));
    if (setting.readOnly === true) continue;
    app.put(setting.path, { config: modify, schema: { body: z.unknown() } }, async (request, reply) => {
      if (!isSameValue(setting, request.body))
        throw notSupported(nameOf(setting), request.body, setting.why, showAllowed(setting));
      return await sendValue(reply, setting);
    });
  }

  for (const { path, why } of fixedSwitches) {
    app.get(`${path}/enabled`, { config: read }, async (_request, reply) => await sendJson(reply, false));
    // The client sends `true` or `false` as body, which adds nothing to the path.
    app.put(`${path}/disable`, { config: modify }, async (_request, reply) => await sendJson(reply, false));
    app.put(`${path}/enable`, { config: modify }, async () => {
      throw new CausewayError('not-supported', why);
    });
  }
};

/** A text setting may also be sent as a JSON string. */
function isSameValue(setting: FixedSetting, body: unknown): boolean {
  if (isDeepStrictEqual(body, setting.value)) return true;
  if (body === undefined || body === null || body === '') return setting.value === '';
  // A boolean or a number that came as text/plain.
  return typeof body === 'string' && typeof setting.value !== 'object' && body.trim() === String(setting.value);
}

function nameOf(setting: FixedSetting): string {
  return setting.path.replace('/settings/', '');
}

function showAllowed(setting: FixedSetting): string {
  if (setting.value === '') return 'empty text';
  return typeof setting.value === 'string' ? setting.value : JSON.stringify(setting.value);
}

async function sendValue(reply: FastifyReply, setting: FixedSetting): Promise<FastifyReply> {
  switch (setting.format) {
    case 'text':
      return await reply.type('text/plain').send(setting.value);
    case 'json':
      return await sendJson(reply, setting.value);
  }
}

/** Fastify sends a bare boolean or number only as text that was made JSON before. */
async function sendJson(reply: FastifyReply, value: FixedSetting['value']): Promise<FastifyReply> {
  return await reply.type('application/json').send(JSON.stringify(value));
}
