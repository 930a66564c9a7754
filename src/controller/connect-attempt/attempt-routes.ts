/**
 * src/controller/connect-attempt is the controller's part of asking people at connect who they are (docs/connect-authentication.md): attempts that
 * wait (attempts.ts), the person's decision in the portal (approvals.ts), and passwords (connect-password.ts). Whom gateways let in without
 * asking is compiled from device_authentication. Tests: `node --test 'src/controller/connect-attempt/*.test.ts'`.
 *
 * This file: what gateways ask (contract/connect-attempt.ts).
 */
import type { FastifyReply } from 'fastify';
import {
  attemptsDecided,
  attemptsWaiting,
  connectAttempt,
  passwordAttempt,
  passwordOutcome,
  startedAttempt,
} from '../../contract/connect-attempt.ts';
import type { RegisterRoutes } from '../deps.ts';
import { gatewayOf } from '../gateway-stream/gateway-routes.ts';
import { endAttempts, startAttempt, waitForDecisions } from './attempts.ts';
import { checkConnectPassword } from './connect-password.ts';

const config = { auth: { kind: 'gateway' } } as const;
const path = '/gateway/v1/connect-attempts';

export const registerConnectAttempts: RegisterRoutes = (app, deps) => {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  app.post(
    path,
    { config, schema: { body: connectAttempt, response: { 200: startedAttempt }, hide: true } },
    async (request) => await startAttempt(deps, gatewayOf(request), request.body),
  );
  app.post(
    `${path}/password`,
    { config, schema: { body: passwordAttempt, response: { 200: passwordOutcome }, hide: true } },
    async (request) => await checkConnectPassword(deps, gatewayOf(request), request.body),
  );
  app.post(
    `${path}/decided`,
    { config, schema: { body: attemptsWaiting, response: { 200: attemptsDecided }, hide: true } },
    async (request, reply) => {
      const signal = AbortSignal.any([closing.signal, endOf(reply)]);
      return await waitForDecisions(deps, gatewayOf(request), request.body.attempts, signal);
    },
  );
  app.post(`${path}/gone`, { config, schema: { body: attemptsWaiting, hide: true } }, async (request, reply) => {
    await endAttempts(deps, gatewayOf(request), request.body.attempts);
    return await reply.code(204).send();
  });
};

/** A poll is given up when another one takes its place. */
function endOf({ raw }: FastifyReply): AbortSignal {
  const end = new AbortController();
  raw.once('close', () => end.abort());
  return end.signal;
}
