/**
 * Calls the API from a host of the lab for a program that is not there, over connections that stay open: a line of JSON for each call on stdin, one
 * for each answer on stdout. What stdin begins with is { url, ca, token }.
 */
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { callLine, surroundings } from './call-lines.ts';
import type { AnswerLine, CallLine } from './call-lines.ts';

const lines = createInterface({ input: process.stdin });
let target: z.infer<typeof surroundings> | undefined;
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

lines.on('line', (line) => {
  const json: unknown = JSON.parse(line);
  if (target === undefined) {
    target = surroundings.parse(json);
    return;
  }
  const call = callLine.parse(json);
  void perform(target, call).then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
});

function perform({ url, ca, token }: z.infer<typeof surroundings>, call: CallLine): Promise<AnswerLine> {
  const { number, method, path, body } = call;
  return new Promise((resolve) => {
    const lost = (error: Error) => resolve({ number, kind: 'lost', reason: error.message });
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const asked = request(`${url}${path}`, { method, ca, agent, headers, timeout: 20_000 }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', lost);
      response.on('end', () => {
        const requestId = String(response.headers['x-request-id'] ?? '');
        resolve({
          number,
          kind: 'answered',
          status: response.statusCode ?? 0,
          requestId,
          body: Buffer.concat(pieces).toString(),
        });
      });
      response.on('close', () => lost(new Error('the answer broke off')));
    });
    asked.on('error', lost);
    asked.on('timeout', () => asked.destroy(new Error('no answer within 20 s')));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
