import type { Source } from './import-matrix.ts';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
}

/** lockProblems lists what makes a package-lock.json bring different bytes, or look in one place only. */
export function lockProblems({ path, text }: Source): string[] {
  const lock = JSON.parse(text) as { readonly packages?: Readonly<Record<string, LockedPackage>> };
  const entries = Object.entries(lock.packages ?? {}).filter(([name]) => name !== '');
  if (entries.length === 0) return [`${path} has no packages`];
  return entries.flatMap(([name, entry]) => {
    const problems: string[] = [];
    if (entry.resolved !== undefined)
      problems.push(`${path}: ${name} names where it was downloaded; run npm with the .npmrc of this repository`);
    // What is inside another package's archive is covered by that one's hash.
    if (entry.integrity === undefined && entry.inBundle !== true) problems.push(`${path}: ${name} has no integrity`);
    return problems;
  });
}

/** rangeProblems lists the dependencies of a package.json that are not pinned to one exact version. */
export function rangeProblems({ path, text }: Source): string[] {
  const manifest = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((group) =>
    Object.entries((manifest[group] ?? {}) as Readonly<Record<string, string>>)
      // The same package in a second version has another name here: `npm:NAME@VERSION`.
      .filter(([, version]) => !/^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${path}: ${group} has ${name} "${version}"; pin one exact version`),
  );
}
