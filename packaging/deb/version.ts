/** Commit is what git knows of the sources that are packaged. */
export type Commit = {
  readonly hash: string;
  /** Seconds since 1970: the date of everything in the packages. */
  readonly time_s: number;
  /** Tags that name exactly this commit. */
  readonly tags: readonly string[];
  /** Files differ from the commit. */
  readonly changed: boolean;
};

/** PackageVersion is one version in two spellings: Debian's, and that of package.json. Both sort alike. */
export type PackageVersion = { readonly debian: string; readonly program: string };

/**
 * packageVersion gives `0.1.0` for the commit that carries the tag v0.1.0, and otherwise a version before it, which sorts by the commit's date:
 * package.json names the release that is being worked on. The hash is for people; the date alone decides, so that upgrades go upwards.
 */
export function packageVersion(release: string, { hash, time_s, tags, changed }: Commit): PackageVersion {
  if (!/^\d+\.\d+\.\d+$/.test(release))
    throw new RangeError(`the version in package.json, ${release}, is not three numbers as in 1.2.3`);
  if (tags.includes(`v${release}`) && !changed) return { debian: release, program: release };
  const stamp = new Date(time_s * 1_000).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const build = `${stamp}.${hash.slice(0, 12)}${changed ? '.changed' : ''}`;
  return { debian: `${release}~git${build}`, program: `${release}-git.${build}` };
}
