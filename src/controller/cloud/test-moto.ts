/** moto answers as EC2 does, over HTTP, with a state of its own: what the integration tests of AWS ask instead of AWS. */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requirements = join(import.meta.dirname, 'moto-requirements.txt');

export type Moto = { readonly endpoint: string; readonly stop: () => void };

/** startMoto starts one of its own on a free port, and installs it first where this machine has it not. `stop` ends it. */
export async function startMoto(): Promise<Moto> {
  const server = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PYTHONPATH: await installed() },
  });
  const stop = (): void => void server.kill('SIGKILL');
  process.once('exit', stop);
  const said: string[] = [];
  try {
    for await (const line of createInterface({ input: server.stderr, signal: AbortSignal.timeout(60_000) })) {
      said.push(line);
      const endpoint = /Running on (http:\/\/127\.0\.0\.1:[0-9]+)/.exec(line)?.[1];
      if (endpoint === undefined) continue;
      // Nobody reads on, and a full pipe would stop it.
      server.stderr.resume();
      return { endpoint, stop };
    }
    await once(server, 'exit');
  } catch (error) {
    stop();
    throw new Error(`starting moto: it named no port within a minute; it said: ${said.join(' | ')}`, { cause: error });
  }
  throw new Error(`starting moto: it ended; it said: ${said.join(' | ')}`);
}

/** A directory of packages in the cache of ./causeway, named after what is pinned. Half a one is never left: it gets its name when it is whole. */
async function installed(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const directory = join(cache(), `moto-${hash}`);
  if (existsSync(directory)) return directory;
  const fresh = `${directory}.${randomUUID()}`;
  await mkdir(cache(), { recursive: true });
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', requirements];
  try {
    // No virtual environment: Debian's python3 can make none without a further package.
    await run('python3', ['-m', 'pip', 'install', ...options, '--target', fresh]);
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another run may have been faster.
    if (!existsSync(directory)) throw new Error('installing moto for the tests of AWS', { cause: error });
  }
  return directory;
}

/** As ./causeway has it. */
function cache(): string {
  if (process.getuid?.() === 0) return '/var/cache/causeway';
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'causeway');
}
