import type { RouteShape } from '../../contract/api/route.ts';
import { progressReader } from '../../contract/progress-stream.ts';
import { fromErrorResponse } from './api-error.ts';
import { send, strange } from './call.ts';

/**
 * askWithProgress asks a route that tells what it does meanwhile (text/event-stream), and gives its answer, unchecked. Rejects with ApiError as
 * `call` does, also for a refusal that comes at the end of the stream.
 */
export async function askWithProgress(shape: RouteShape, body: unknown, hear: (line: string) => void): Promise<unknown> {
  const response = await send(shape.path, {
    method: shape.method,
    credentials: 'same-origin',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', 'X-Causeway': '1' },
    body: JSON.stringify(body),
  });
  const requestId = response.headers.get('x-request-id');
  if (!response.ok) {
    const refused: unknown = await response.json().catch(() => undefined);
    throw fromErrorResponse(refused, response.status, requestId) ?? strange(response, requestId);
  }
  const events = progressReader(hear);
  const reader = response.body?.getReader();
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) events.push(piece.value);
  const last = events.end();
  if (last === undefined) throw strange(response, requestId);
  const told = JSON.parse(last.data) as unknown;
  if (last.event === 'result') return told;
  throw fromErrorResponse(told, response.status, requestId) ?? strange(response, requestId);
}
