/** The lines between a caller of the API in a namespace and the program that tells it what to call. */
import { z } from 'zod';

export const surroundings = z.object({ url: z.string(), ca: z.string(), token: z.string() });

export const callLine = z.object({ number: z.int(), method: z.string(), path: z.string(), body: z.unknown().optional() });
export type CallLine = z.infer<typeof callLine>;

/** `lost`: whether the call was done is not known. */
export const answerLine = z.discriminatedUnion('kind', [
  z.object({ number: z.int(), kind: z.literal('answered'), status: z.int(), requestId: z.string(), body: z.string() }),
  z.object({ number: z.int(), kind: z.literal('lost'), reason: z.string() }),
]);
export type AnswerLine = z.infer<typeof answerLine>;
