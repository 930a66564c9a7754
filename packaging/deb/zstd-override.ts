import type { PackagePlan } from './package-plan.ts';

/** dpkg of Debian 12 reads zstd; only Debian's own archive, where these packages do not go, takes none. */
export const zstd: PackagePlan['overrides'][number] = {
  tag: 'malformed-deb-archive *',
  reason: 'zstd: dpkg of Debian 12 reads it, and it is made and unpacked several times as fast as xz.',
};
