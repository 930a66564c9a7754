/** What `causeway api-credential create --json` prints, and POST /api/causeway/v1/api-credentials answers. Stable. */
import { z } from 'zod';

export const apiCredentialRequest = z.object({
  /** What the credential is for, as a person will look for it when it is to be withdrawn. */
  name: z.string().trim().min(1).max(120),
});
export type ApiCredentialRequest = z.infer<typeof apiCredentialRequest>;

export const apiCredential = z.object({
  client_id: z.string(),
  /** Shown this once; the controller keeps only a hash. */
  client_secret: z.string(),
});
export type ApiCredential = z.infer<typeof apiCredential>;
