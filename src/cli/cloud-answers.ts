import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CloudId } from '../core/trace/cloud/cloud-state.ts';
import { cloudIds } from '../core/trace/cloud/cloud-state.ts';
import { quoteInput } from '../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from './failure.ts';

/** CloudAnswers is what several files say together. */
export type CloudAnswers = {
  readonly cloud: CloudId;
  /** Of the oldest; null where none says it. */
  readonly readAt: string | null;
  readonly answers: Readonly<Record<string, unknown>>;
};

/** What the commands of `causeway cloud commands` write; a file of somebody's own may have the parts alone. */
const written = z.object({
  cloud: z.enum(cloudIds),
  readAt: z.iso.datetime({ offset: true }).optional(),
  answers: z.record(z.string(), z.unknown()),
});
const parts = z.record(z.string(), z.unknown());

/** readCloudAnswers reads files, `-` being standard input (`readInput`), and puts them together. Throws CliFailure (usage) that names the file. */
export async function readCloudAnswers(
  files: readonly string[],
  wanted: CloudId | undefined,
  readInput: () => Promise<string>,
): Promise<CloudAnswers> {
  let cloud = wanted;
  let readAt: string | null = null;
  const from = new Map<string, string>();
  const answers: [string, unknown][] = [];
  for (const file of files) {
    const found = partsIn(await readJson(file, readInput), file);
    if (found.cloud !== undefined && cloud !== undefined && found.cloud !== cloud) {
      throw refused(file, `has answers of ${found.cloud}, not of ${cloud}`);
    }
    cloud ??= found.cloud;
    if (found.readAt !== undefined && (readAt === null || Date.parse(found.readAt) < Date.parse(readAt))) readAt = found.readAt;
    for (const [part, answer] of Object.entries(found.answers)) {
      const other = from.get(part);
      if (other !== undefined)
        throw refused(file, `has ${quoteInput(part)}, which ${quoteInput(other)} has too: give one of them`);
      from.set(part, file);
      answers.push([part, answer]);
    }
  }
  if (cloud === undefined)
    throw new CliFailure(exitCodes.usage, `no file says whose answers it has: give --cloud; allowed: ${cloudIds.join(', ')}`);
  return { cloud, readAt, answers: Object.fromEntries(answers) };
}

type Found = {
  readonly cloud?: CloudId;
  readonly readAt?: string | undefined;
  readonly answers: Readonly<Record<string, unknown>>;
};

function partsIn(value: unknown, file: string): Found {
  const whole = written.safeParse(value);
  if (whole.success) return whole.data;
  const bare = parts.safeParse(value);
  if (!bare.success) throw refused(file, 'holds no JSON object with the parts of the answers');
  const [issue] = whole.error.issues;
  // A file with `answers` was meant to be whole.
  if ('answers' in bare.data) throw refused(file, `cannot be used: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  return { answers: bare.data };
}

async function readJson(file: string, readInput: () => Promise<string>): Promise<unknown> {
  const content = await readText(file, readInput);
  if (content.trim() === '') {
    throw refused(file, 'is empty: the commands found nothing; run them again and read what they say');
  }
  try {
    return JSON.parse(content);
  } catch (error) {
    throw refused(file, `is no JSON: ${error instanceof Error ? quoteInput(error.message) : ''}`);
  }
}

async function readText(file: string, readInput: () => Promise<string>): Promise<string> {
  try {
    return await (file === '-' ? readInput() : readFile(file, 'utf8'));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new CliFailure(exitCodes.usage, `${quoteInput(file)} cannot be read: ${cause}`, error);
  }
}

function refused(file: string, why: string): CliFailure {
  return new CliFailure(exitCodes.usage, `${file === '-' ? 'standard input' : quoteInput(file)} ${why}`);
}
