import { z } from 'zod';
import { mailStates } from '../../../contract/api/mail.ts';

/** The tabs of the settings, in their order; the first one is open where the address names none. */
export const settingsTabs = ['general', 'mail', 'credentials'] as const;

export const settingsSearch = z.object({
  tab: z.enum(settingsTabs).optional().catch(undefined),
  panel: z.enum(['add-credential']).optional().catch(undefined),
  /** Of the mails that are listed. */
  state: z.enum(mailStates).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(1_000).optional().catch(undefined),
});
