import type { FastifyReply, FastifyRequest } from 'fastify';
import { connectPagePath } from '../../contract/api/connect-approval.ts';
import type { RegisterRoutes } from '../deps.ts';
import { acceptedEncoding } from './accepted-encoding.ts';
import type { PortalFile } from './built-portal.ts';
import { assetHeaders, pageHeaders } from './page-headers.ts';

const options = { config: { auth: { kind: 'public' } }, schema: { hide: true } } as const;

const secretOptions = { ...options, config: { auth: { kind: 'public' }, secretPath: true } } as const;

/** Where programs ask: a path that is wrong there is told so in their own words. */
const ofPrograms = /^\/(?:api|assets|connector|gateway|metrics)(?:\/|$)/;

/**
 * registerPages serves the portal: its assets by name, and index.html for every other address that a browser opens, so that the portal's own
 * addresses can be loaded anew and sent to others. A program that asks for no page (Accept) is not given one.
 */
export const registerPages: RegisterRoutes = (app, { portal }) => {
  const sendPage = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    reply.headers(pageHeaders);
    if (portal === undefined) return await reply.code(503).type('text/plain; charset=utf-8').send(withoutPortal);
    return await sendFile(request, reply, portal.index);
  };
  app.get('/assets/*', options, async (request, reply) => {
    const file = portal?.assets.get(Reflect.get(request.params as object, '*') as string);
    if (file === undefined) return reply.callNotFound();
    return await sendFile(request, reply.headers(assetHeaders), file);
  });
  // Its address ends with a secret, which the log must not keep.
  app.get(`${connectPagePath}:token`, secretOptions, async (request, reply) => await sendPage(request, reply));
  app.get('/*', options, async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const wantsPage = path === '/' || (request.headers.accept ?? '').includes('text/html');
    if (!wantsPage || ofPrograms.test(path)) return reply.callNotFound();
    return await sendPage(request, reply);
  });
};

const withoutPortal =
  'The portal could not be built when "causeway up" started; its log says why. API, tunnels and the causeway command work without it. ' +
  'To try again: ./causeway node src/portal-build/main.ts, then start "causeway up" anew.\n';

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: PortalFile): Promise<FastifyReply> {
  const encoding = acceptedEncoding(request.headers['accept-encoding']);
  const content = encoding === 'identity' ? undefined : file[encoding];
  const etag = `"${file.etag}${content === undefined ? '' : `-${encoding}`}"`;
  reply.headers({ 'Content-Type': file.type, ETag: etag, Vary: 'Accept-Encoding' });
  if (content !== undefined) reply.header('Content-Encoding', encoding);
  if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
  return await reply.send(content ?? file.plain);
}
