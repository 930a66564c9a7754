import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** version of this checkout, from package.json, the one place where it is written. */
export const version: string = readVersion(join(import.meta.dirname, '..', '..', 'package.json'));

function readVersion(file: string): string {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string')
    return parsed.version;
  throw new Error(`${file} has no version`);
}
