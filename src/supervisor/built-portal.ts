import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from './log.ts';

/** A first build takes some seconds; it goes on beside the start of the database. */
const longest_ms = 120_000;

/**
 * builtPortal gives the directory with the portal of this checkout, which `program` (src/portal-build) builds where it is missing. Null, with
 * the reason in the log, where that fails: whatever is wrong with the portal, tunnels and API serve. Asked for each life of the controller, so
 * that one that starts again finds it even if somebody has emptied the cache.
 */
export async function builtPortal(program: string, log: Log): Promise<string | null> {
  const checkout = path.join(import.meta.dirname, '..', '..');
  // A package brings it, and has neither its sources nor what builds it.
  const brought = path.join(checkout, 'portal');
  if (await isThere(path.join(brought, 'index.html'))) return brought;
  try {
    // The variables say where a plain user's cache is, and nothing of what Node should do.
    const { PATH, HOME, XDG_CACHE_HOME } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [path.join(checkout, program)], {
      cwd: '/',
      env: { PATH, HOME, XDG_CACHE_HOME },
      timeout: longest_ms,
    });
    for (const line of stderr.trim().split('\n')) if (line !== '') log.of('portal').relay(line);
    return stdout.trim();
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    log.warn('the portal could not be built; the API serves without it', { reason: said.slice(-1_000) });
    return null;
  }
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
