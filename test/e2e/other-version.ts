import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = path.join(import.meta.dirname, '..', '..');
const previousRelease = path.join(root, 'test', 'previous-release');

/** Replacement is what stands at a place of the checkout (path below its root) for one process and those that it starts. */
export type Replacement = { readonly place: string; readonly by: string };

const script = `while [ "$1" != -- ]; do mount --bind "$2" "$1" || exit 70; shift 2; done; shift; exec "$@"`;

/**
 * inOtherVersion is the command line of a program that sees this checkout with some parts of it replaced, and so do all that it starts. In a
 * mount namespace of its own: nobody else sees it, and it ends with the last of them.
 */
export function inOtherVersion(replacements: readonly Replacement[], argv: readonly string[]): [string, ...string[]] {
  const places = replacements.flatMap(({ place, by }) => [path.join(root, place), by]);
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...places, '--', ...argv];
}

/** previousGatewayAgent is the agent of the release before this version, in `directory`. */
export function previousGatewayAgent(directory: string): Replacement {
  const by = path.join(directory, 'gateway-agent.mjs');
  writeFileSync(by, gunzipSync(readFileSync(path.join(previousRelease, 'gateway-agent.mjs.gz'))));
  return { place: 'src/gateway/main.ts', by };
}

/** previousConnector is its connector's scripts, in `directory`, for the controller to hand out. */
export function previousConnector(directory: string): Replacement {
  const by = path.join(directory, 'connector');
  const scripts: Record<string, string> = JSON.parse(
    gunzipSync(readFileSync(path.join(previousRelease, 'connector.json.gz'))).toString('utf8'),
  );
  mkdirSync(path.join(by, 'agent'), { recursive: true });
  for (const [name, text] of Object.entries(scripts)) writeFileSync(path.join(by, name), text);
  return { place: 'src/connector', by };
}

/** moreMigrations is the migrations of a later version: ours, and these. */
export function moreMigrations(directory: string, migrations: Readonly<Record<string, string>>): Replacement {
  const place = 'src/controller/store/migrations';
  const by = path.join(directory, 'migrations');
  execFileSync('cp', ['-r', path.join(root, place), by]);
  for (const [name, text] of Object.entries(migrations)) writeFileSync(path.join(by, name), text);
  return { place, by };
}

/** isSeen proves that the replacement stands there: without it a test of another version would be one of ours. */
export function isSeen({ place, by }: Replacement): boolean {
  const identity = (argv: readonly string[]): string => execFileSync('stat', ['--format', '%d:%i', ...argv]).toString();
  const [unshare, ...inside] = inOtherVersion([{ place, by }], ['stat', '--format', '%d:%i', path.join(root, place)]);
  return execFileSync(unshare, inside).toString() === identity([by]);
}
