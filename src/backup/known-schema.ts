import type { Migration } from '../controller/store/migrate.ts';
import type { Manifest } from './archive/manifest.ts';
import { BackupFailure } from './backup-failure.ts';

/**
 * requireKnownSchema throws BackupFailure for a backup whose schema this program cannot make: of a newer version, compatible or not (its
 * tables may have columns that nobody here knows), or of one that went another way.
 */
export function requireKnownSchema(
  stated: Pick<Manifest, 'programVersion'> & { readonly migrations: readonly Pick<Migration, 'number' | 'name' | 'sha256'>[] },
  migrations: readonly Migration[],
): void {
  for (const { number, name, sha256 } of stated.migrations) {
    const known = migrations[number - 1];
    if (known?.sha256 === sha256) continue;
    const why =
      known === undefined
        ? `its schema has ${name}, which this version does not know`
        : `its ${name} is another one than that of this version (${known.name})`;
    throw new BackupFailure(
      `it was made by Causeway ${stated.programVersion}: ${why}; restore it with that version or a newer one`,
    );
  }
}
