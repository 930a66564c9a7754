import { authorityRoutes } from '../../contract/api/authority.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { beginRenewal, describeAuthority, replaceAuthority } from './renew-authority.ts';

/** registerAuthority: the CA and its renewal. Renewing is for people who administer, since it may end every profile. */
export const registerAuthority: RegisterRoutes = (app, deps) => {
  serve(app, authorityRoutes.read, allowed('status:read'), async () => describeAuthority(deps, deps.clock()));
  serve(app, authorityRoutes.renew, { kind: 'administrator' }, async ({ actor, body }) => {
    if (body.now) await replaceAuthority(deps, actor);
    else await beginRenewal(deps, actor, deps.clock());
    return describeAuthority(deps, deps.clock());
  });
};
