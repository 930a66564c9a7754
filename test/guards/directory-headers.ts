import { posix } from 'node:path';
import type { Source } from './import-matrix.ts';

/**
 * directoriesWithoutHeader lists the directories of src/ that do not say what they are for: no README.md, and no source that begins
 * with a comment. A part (src/NAME) must also say how its tests are run, in one of those.
 */
export function directoriesWithoutHeader(sources: readonly Source[]): string[] {
  const headers = new Map<string, string[]>();
  for (const { path, text } of sources) {
    if (!/\.(?:ts|tsx|sh|sql|md)$/.test(path) || path.endsWith('.test.ts')) continue;
    const directory = posix.dirname(path);
    headers.set(directory, [...(headers.get(directory) ?? []), headerOf(path, text)]);
    // A part may have nothing but directories.
    const part = path.split('/').slice(0, 2).join('/');
    if (!headers.has(part)) headers.set(part, []);
  }
  return [...headers].flatMap(([directory, found]) => {
    const isPart = directory.split('/').length === 2;
    if (!found.some((header) => header.length >= 40))
      return [
        `${directory} has neither a README.md nor a source that begins with a comment (/** ... */, 40 characters or more) on what it is for`,
      ];
    if (isPart && !found.some((header) => /\btests?\b/i.test(header)))
      return [`${directory} says nowhere how its tests are run: name them in its README.md or main comment`];
    return [];
  });
}

function headerOf(path: string, text: string): string {
  if (path.endsWith('.md')) return text;
  if (path.endsWith('.sh')) return /^(?:#.*\n)+/.exec(text)?.[0] ?? '';
  if (path.endsWith('.sql')) return /^(?:--.*\n)+/.exec(text)?.[0] ?? '';
  return /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
}
