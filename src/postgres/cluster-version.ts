import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What a cluster's PG_VERSION says: the major version that made it and alone can run it. */
export type ClusterVersion =
  | { readonly kind: 'none' }
  | { readonly kind: 'major'; readonly major: number }
  /** A file that no PostgreSQL has written. */
  | { readonly kind: 'unknown'; readonly text: string };

/** clusterVersion reads it; `none` where there is no cluster. */
export async function clusterVersion(dataDir: string): Promise<ClusterVersion> {
  const text = await readFile(path.join(dataDir, 'PG_VERSION'), 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return undefined;
    throw cause;
  });
  if (text === undefined) return { kind: 'none' };
  const major = /^(\d{2,3})\n?$/.exec(text)?.[1];
  return major === undefined ? { kind: 'unknown', text: text.slice(0, 40) } : { kind: 'major', major: Number(major) };
}

/** packageMajor is the major version of the server in an installed package: 18 of `18.4.0-beta.17`. Throws where it does not say. */
export async function packageMajor(packageDir: string): Promise<number> {
  const file = path.join(packageDir, 'package.json');
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '';
  const major = Number.parseInt(version, 10);
  if (!(major > 0)) throw new Error(`reading ${file}: "${version}" is no version of a server`);
  return major;
}
