/**
 * Speaks the connector agent's protocol for many connectors (contract/connector-agent.ts): each has a connection of its own, polls for its desired state and
 * polls again as soon as it has it. Usage: node simulated-connectors-program.ts URL CA-FILE, credentials on stdin, one a line. On
 * stdout a line for each state that came: `INDEX REVISION CLOCK-MS BYTES`.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const [url = '', caFile = ''] = process.argv.slice(2);
const ca = readFileSync(caFile);
/** As the agent (connector/agent/poll.sh). */
const waitSeconds = 25;
const backoffMs = { first: 1_000, last: 15_000 };

type State = { readonly revision: string; readonly bytes: number };

async function poll(agent: https.Agent, credential: string, revision: string): Promise<State | undefined> {
  const request = https.get(`${url}/api/causeway/v1/connector-agent/desired?revision=${revision}&wait=${waitSeconds}`, {
    agent,
    headers: { authorization: `Bearer ${credential}` },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = await text(response);
  const [, found] = /^revision (\d+)$/m.exec(body) ?? [];
  if (response.statusCode !== 200 || found === undefined) {
    process.stderr.write(`status ${String(response.statusCode)}: ${body.slice(0, 200)}\n`);
    return undefined;
  }
  return { revision: found, bytes: Buffer.byteLength(body) };
}

async function live(index: number, credential: string): Promise<never> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca });
  let held = 'none';
  let pauseMs = backoffMs.first;
  for (;;) {
    const state = await poll(agent, credential, held).catch((error: unknown) => {
      process.stderr.write(`connector ${index}: ${String(error)}\n`);
      return undefined;
    });
    if (state === undefined) {
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, backoffMs.last);
    } else {
      pauseMs = backoffMs.first;
      if (state.revision !== held) process.stdout.write(`${index} ${state.revision} ${Date.now()} ${state.bytes}\n`);
      held = state.revision;
    }
  }
}

const credentials = (await text(process.stdin)).trim().split('\n');
await Promise.all(credentials.map((credential, index) => live(index, credential)));
