/**
 * What a start in the sandbox of the unit may not do, done before it and outside: the system users and the data directory. `causeway
 * service prepare` runs it, with that directory as its argument. Each is made once; what is there is left.
 */
import { mkdir } from 'node:fs/promises';
import { resolveDataDirectory } from './data-directory-check.ts';
import { describeFailure } from './start-failure.ts';
import { ensureSystemUsers } from './system-users.ts';

const [data = ''] = process.argv.slice(2);
process.umask(0o022);
try {
  if (!data.startsWith('/')) throw new Error('this program is started by "causeway service" with an absolute directory');
  await ensureSystemUsers();
  await mkdir(await resolveDataDirectory(data), { recursive: true, mode: 0o755 });
} catch (cause) {
  process.stderr.write(`causeway service: ${describeFailure(cause, data).sentence}\n`);
  process.exitCode = 1;
}
