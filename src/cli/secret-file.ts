import { open, rm } from 'node:fs/promises';
import { quoteInput } from '../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from './failure.ts';

/**
 * writeSecretFile writes what `make` gives to a new file that only its owner may read, from its first byte on. The file is made first: what
 * cannot be kept is not made. Throws CliFailure (usage) where there is one of that name, and takes the file away where `make` fails.
 */
export async function writeSecretFile(path: string, make: () => Promise<string>): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'EEXIST' ? 'is there already: give another name, or take it away' : `cannot be made: ${String(error)}`;
    throw new CliFailure(exitCodes.usage, `${quoteInput(path)} ${why}`, error);
  });
  try {
    await file.writeFile(await make());
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
