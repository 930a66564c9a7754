import { z } from 'zod';
import { connectAuths } from '../../core/connect-authentication.ts';
import { givenPassword } from './person.ts';
import { defineRoute } from './route.ts';

/**
 * The page that a client shows when its person has to say at connect who they are (docs/connect-authentication.md): `/c/TOKEN`. The page
 * reads the token from its own address, and sends it in bodies only. Opening the link changes nothing: mail scanners and previews do. Whoever is
 * not signed in signs in first, and comes back to the page.
 *
 * All three answer 404 for a token that is unknown, more than five minutes old, or of somebody else's device, without saying which.
 */

/** The path of the page, below the portal's address; the token follows. Short: the whole link has to fit into 245 characters. */
export const connectPagePath = '/c/';

/** 128 random bits. */
const token = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, { error: 'is not the end of a link to approve a connection; open the whole link' });

export const connectApproval = z.object({
  /** `waiting`: it can be approved. `gone`: the client has given up; connecting again gives a new link. */
  state: z.enum(['waiting', 'approved', 'refused', 'gone']),
  device: z.object({ id: z.string(), name: z.string() }),
  wpc: z.object({ name: z.string() }),
  /** Where the client is, as the gateway sees it: to be compared with where one is oneself. */
  clientAddress: z.string(),
  /** Where this browser is, as the controller sees it. Null: it came through a socket. */
  browserAddress: z.string().nullable(),
  /** What the group wants: ON_PRIOR_AUTH asks again after 12 hours, EVERY_TIME at each new connection. NO_AUTH: not any more. */
  connectAuth: z.enum(connectAuths),
  /** The sign-in of this browser is more than five minutes old, and `approve` needs the password. */
  needsPassword: z.boolean(),
  expiresAt: z.iso.datetime(),
});
export type ConnectApproval = z.infer<typeof connectApproval>;

export const connectApprovalRoutes = {
  inspect: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/connect-approvals/inspect',
    summary: 'Read which of the own devices wants to connect, and from where',
    body: z.object({ token }),
    answer: connectApproval,
  }),
  approve: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/connect-approvals/approve',
    summary: 'Let the own device connect that waits for it',
    body: z.object({ token, password: givenPassword.optional() }),
    answer: null,
  }),
  refuse: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/connect-approvals/refuse',
    summary: 'Send away a client that waits with the profile of the own device',
    body: z.object({ token }),
    answer: null,
  }),
};
