import type { FastifyRequest } from 'fastify';
import { CausewayError } from '../../contract/errors.ts';

/**
 * requireOwnPage refuses, with 403, a changing request that a page of another site could have made a browser send with our cookie (design.md
 * 7). Three things, of which each alone would do in a browser without faults: a header that no form can set and no other origin may, the
 * browser's own word that it was our page, and a type of body that forms do not have.
 */
export function requireOwnPage(request: FastifyRequest): void {
  if (isReading(request.method)) return;
  if (request.headers['x-causeway'] !== '1') throw refusal('it has no header "X-Causeway: 1"');
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw refusal('its Sec-Fetch-Site is not same-origin');
  const { origin } = request.headers;
  // The cookie belongs to the host that the browser believes to speak to, so this host it is, whatever else we are called.
  if (origin !== undefined && origin !== `https://${request.host}`) throw refusal('its Origin is another one');
  if (site === undefined && origin === undefined) throw refusal('it has neither Origin nor Sec-Fetch-Site');
  if (hasBody(request) && !/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw refusal('its body is not application/json');
  }
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function refusal(because: string): CausewayError {
  return new CausewayError(
    'forbidden',
    `This request could come from a page of another site: ${because}. Programs use an API credential ("Authorization: Bearer …").`,
  );
}
