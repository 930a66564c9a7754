import type { ControllerDeps, RegisterRoutes } from '../deps.ts';
import { listRevocations } from './certificates.ts';

/** Gateways refuse revoked serials by themselves at once; the list is the second line, for whoever checks certificates elsewhere. */
const lifetimeSeconds = 7 * 86_400;

/** Signed anew at the latest after this, so that nobody is given a list that is about to end. */
const freshMs = 3_600_000;

/**
 * registerRevocationList serves `GET /crl.pem` to anybody: a revocation list is made to be public. It is signed once per revision and
 * hour, however often it is asked for, so that the open route cannot keep the signer busy.
 */
export const registerRevocationList: RegisterRoutes = (app, deps) => {
  const current = revocationListCache(deps);
  app.get('/crl.pem', { config: { auth: { kind: 'public' } }, schema: { hide: true } }, async (_request, reply) => {
    const list = await current();
    return await reply.type('application/x-pem-file').header('cache-control', 'no-cache').send(list);
  });
};

function revocationListCache(deps: Pick<ControllerDeps, 'store' | 'signer' | 'wakeUp'>): () => Promise<string> {
  let held: { readonly revision: number; readonly madeAtMs: number; readonly list: Promise<string> } | undefined;
  return () => {
    const { revision } = deps.wakeUp.position();
    const nowMs = performance.now();
    if (held !== undefined && held.revision === revision && nowMs - held.madeAtMs < freshMs) return held.list;
    const list = listRevocations(deps.store.database).then((revoked) => deps.signer.signRevocationList(revoked, lifetimeSeconds));
    const made = { revision, madeAtMs: nowMs, list };
    held = made;
    list.catch(() => {
      // A failure is told to those who wait for it, and the next one tries again.
      if (held === made) held = undefined;
    });
    return list;
  };
}
