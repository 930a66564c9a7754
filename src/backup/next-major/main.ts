/**
 * src/backup/next-major moves the private database to the next major version of PostgreSQL (docs/decisions/0104). Started by the supervisor, as
 * root, when it finds a cluster of an earlier one, before it starts the server; its only argument is JSON (options below). stdout: the
 * backup that was made first, or nothing. Exit: 0 done, 1 failed, and the cluster is as it was.
 */
import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { dataDirectoryAt } from '../../supervisor/data-directory.ts';
import { ensureSystemUsers } from '../../supervisor/system-users.ts';
import { chainText } from '../backup-failure.ts';
import { upgradeCluster } from './upgrade-cluster.ts';

const options = z.object({ data: z.string(), oldPackage: z.string(), newPackage: z.string(), backUp: z.boolean() });

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());

try {
  const { data, ...rest } = options.parse(JSON.parse(process.argv[2] ?? ''));
  const file = await upgradeCluster({
    ...rest,
    directory: dataDirectoryAt(data),
    users: await ensureSystemUsers(),
    programVersion: packageJson.version,
    now: () => new Date(),
    signal: stopping.signal,
  });
  if (file !== undefined) process.stdout.write(`${file}\n`);
} catch (cause) {
  process.stderr.write(`${chainText(cause)}\n`);
  process.exitCode = 1;
}
