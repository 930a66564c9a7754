import { z } from 'zod';
import { cloudCommands, networkCloud } from '../api/cloud-state.ts';

/** `causeway cloud load --json` and `show --json`. */
export const cloudAnswer = networkCloud;

/** `causeway cloud commands --json`. */
export const cloudCommandsAnswer = cloudCommands;

/** `causeway cloud forget --json`. */
export const cloudForgotten = z.object({ networkId: z.string(), networkName: z.string() });
export type CloudForgotten = z.infer<typeof cloudForgotten>;
