import { connectApprovalRoutes } from '../../contract/api/connect-approval.ts';
import type { RegisterRoutes } from '../deps.ts';
import { meOf } from '../identity/own-account-routes.ts';
import { serve } from '../routes/serve.ts';
import { approve, inspectApproval, refuse } from './approvals.ts';

/** Anybody signed in, for what is their own: whose device it is, the domain judges. */
const auth = { kind: 'person' } as const;

/** registerConnectApprovals: /connect-approvals, what the page of a link asks. */
export const registerConnectApprovals: RegisterRoutes = (app, deps) => {
  serve(app, connectApprovalRoutes.inspect, auth, async ({ actor, body }) => inspectApproval(deps, meOf(actor), body.token));
  serve(app, connectApprovalRoutes.approve, auth, async ({ actor, body }) =>
    approve(deps, meOf(actor), body.token, body.password),
  );
  serve(app, connectApprovalRoutes.refuse, auth, async ({ actor, body }) => refuse(deps, meOf(actor), body.token));
};
