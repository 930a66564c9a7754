import { z } from 'zod';
import { optionalFlag } from './fields.ts';
import { linkToken, newPassword } from './person.ts';
import { defineRoute } from './route.ts';
import { user, userRequest } from './user.ts';
import { webSessionState } from './web-session.ts';

/**
 * An invitation is a link with which a person chooses the first password. It works once, for 7 days; a new one voids the one before. Opening it
 * shows a page and changes nothing; what the page posts does.
 */

export const invitation = z.object({
  /** Shown this once. A secret: to be handed over where no mail was sent. */
  link: z.string(),
  /** It was put into the outbox; whether it arrived, GET /mails says. */
  mailed: z.boolean(),
  expiresAt: z.iso.datetime(),
});
export type Invitation = z.infer<typeof invitation>;

/** Why an invitation is of no use, in `params.reason` of the refusal. Only who holds the link learns it. */
export const invitationEnds = ['used', 'expired', 'replaced', 'withdrawn', 'suspended'] as const;
export type InvitationEnd = (typeof invitationEnds)[number];

export const openInvitation = z.object({
  username: z.string(),
  email: z.string(),
  wpcName: z.string(),
  expiresAt: z.iso.datetime(),
});

export const invitationRoutes = {
  create: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/users/:id/invitation',
    summary: 'Invite a user who has no password yet: make a link, and send it where mail is set up; voids the one before',
    answer: invitation,
  }),
  createUser: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/users',
    summary: 'Create a user, and invite that one in the same step where it is wanted',
    body: userRequest.extend({ invite: optionalFlag() }),
    status: 201,
    answer: z.object({ user, invitation: invitation.nullable() }),
  }),
  inspect: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/invitations/inspect',
    summary: 'Read whom an invitation is for; changes nothing',
    body: z.object({ token: linkToken }),
    answer: openInvitation,
  }),
  accept: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/invitations/accept',
    summary: 'Accept an invitation: choose a password, and be signed in',
    body: z.object({ token: linkToken, password: newPassword }),
    answer: webSessionState,
  }),
};
