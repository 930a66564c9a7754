import { z } from 'zod';
import { requiredText } from './fields.ts';
import { userRoles } from './words.ts';

/** Words and fields that signing in, setting up and one's own account share. */

export const longestPassword = 128;

/** A new password: its length is judged here, whether it is a common one by the controller (identity/password-rules.ts). NIST SP 800-63B. */
export const newPassword = z
  .string()
  .min(12, { error: 'is too short; allowed: 12 to 128 characters' })
  .max(longestPassword, { error: 'is too long; allowed: 12 to 128 characters' });

/** A password that is being checked: a length that no password has is refused before anything is hashed. */
export const givenPassword = z.string().min(1).max(longestPassword);

export const mailAddress = requiredText(120);

/** wpcName is what the installation calls itself: in the portal, in mails, to whoever is invited. */
export const wpcName = requiredText(120).refine((name) => name.trim() !== '', {
  error: 'is blank; allowed: text of 1 to 120 characters',
});

/** A secret of a link that we made: 32 random bytes in base64url. Comes in a body, never in a path or query; in links behind `#`. */
export const linkToken = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, { error: 'is not the secret of one of our links; open the whole link' });

/** What can follow the password. */
export const secondFactors = ['totp', 'recovery-code', 'passkey'] as const;
export type SecondFactor = (typeof secondFactors)[number];

/** Person is who is signed in. */
export const person = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: z.enum(userRoles),
});
export type Person = z.infer<typeof person>;
