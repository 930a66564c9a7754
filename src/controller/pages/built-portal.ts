/**
 * src/controller/pages serves the portal that src/portal-build has made (docs/decisions/0090-how-the-portal-is-built.md): a map of known files,
 * read once. What is not in it does not exist, whatever a path says. Tests: `node --test 'src/controller/pages/*.test.ts'`.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** PortalFile is a file in each form that a browser may take it in. */
export type PortalFile = {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** Absent where compressing would not help: fonts. */
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
};

/** BuiltPortal is the page, and what it loads by name. */
export type BuiltPortal = { readonly index: PortalFile; readonly assets: ReadonlyMap<string, PortalFile> };

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.md': 'text/plain; charset=utf-8',
};

/**
 * readBuiltPortal reads a directory of src/portal-build into memory: some 2 MB, in return for which no request touches the disk and a newer
 * build may take the directory away. Rejects where it is not whole; a kind of file that is not known is left out.
 */
export async function readBuiltPortal(directory: string): Promise<BuiltPortal> {
  const assets = path.join(directory, 'assets');
  const names = (await readdir(assets)).filter((name) => Object.hasOwn(types, path.extname(name)));
  const read = await Promise.all(names.map(async (name) => [name, await readPortalFile(path.join(assets, name))] as const));
  return { index: await readPortalFile(path.join(directory, 'index.html')), assets: new Map(read) };
}

async function readPortalFile(file: string): Promise<PortalFile> {
  const [plain, br, gzip] = await Promise.all([readFile(file), readIfThere(`${file}.br`), readIfThere(`${file}.gz`)]);
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { type: types[path.extname(file)] ?? 'application/octet-stream', etag: hash, plain, br, gzip };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  return await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}
