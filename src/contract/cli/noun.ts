import { z } from 'zod';

/** What `causeway NOUN VERB --json` prints where the API answers with nothing. */
export const deletedThing = z.object({ id: z.string(), name: z.string() });
export type DeletedThing = z.infer<typeof deletedThing>;

/** What `causeway NOUN profile NAME FILE --json` prints: the profile itself is in the file. */
export const profileFile = deletedThing.extend({ file: z.string() });
export type ProfileFile = z.infer<typeof profileFile>;
