/** LockedPackage is the part of an entry of package-lock.json that says what it needs. */
export type LockedPackage = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
};

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/**
 * npmClosure gives the directories (`node_modules/pg`) of the named packages and of all that they need, found as Node looks for them: beside
 * the package that asks, then in the directories above. What is optional and not installed is left out. Throws an Error that names a package
 * that is needed and not in the lock.
 */
export function npmClosure(
  locked: LockedPackages,
  names: readonly string[],
  isInstalled: (directory: string) => boolean,
): string[] {
  const found = new Set<string>();
  const wanted = names.map((name) => ({ name, by: '', isOptional: false }));
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const directory = resolve(next.by, next.name, (candidate) => Object.hasOwn(locked, candidate) && isInstalled(candidate));
    if (directory === undefined) {
      if (next.isOptional) continue;
      throw new Error(
        `${next.name}, which ${next.by === '' ? 'the sources import' : `${next.by} needs`}, is not installed: start ./causeway once`,
      );
    }
    if (found.has(directory)) continue;
    found.add(directory);
    const entry = locked[directory] ?? {};
    const optional = new Set([
      ...Object.keys(entry.optionalDependencies ?? {}),
      ...Object.entries(entry.peerDependenciesMeta ?? {}).flatMap(([name, meta]) => (meta.optional === true ? [name] : [])),
    ]);
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies }))
      wanted.push({ name, by: directory, isOptional: optional.has(name) });
  }
  return [...found].toSorted();
}

function resolve(from: string, name: string, exists: (directory: string) => boolean): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (exists(candidate)) return candidate;
    if (at === '') return undefined;
  }
}

/**
 * isRun says whether a file of an npm package can be read when the product runs. Declarations, maps, manuals, tests, static libraries and the
 * sources from which a package was made are not; licences stay.
 */
export function isRun(path: string): boolean {
  if (/(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i.test(path)) return true;
  return !neverRun.some((pattern) => pattern.test(path));
}

const neverRun: readonly RegExp[] = [
  /\.(?:d\.[cm]?ts|tsx?|[cm]ts|map|flow|md|markdown|html|sh|a|pc|la|h|o|tsbuildinfo|yml|yaml)$/i,
  // Only at a package's top: deeper down such a name may be a part of the program (yaml/dist/doc).
  /^(?:bin|browser|tests?|__tests__|docs?|examples?|integration|scripts|benchmarks?|bench|dist-types|dist-es)\//,
  /^(?:bin|bench\w*|test)\.[cm]?js$/,
  /(?:^|\/)\./,
  // Of PostgreSQL: building extensions, other languages' procedures, and clients.
  /^native\/lib\/postgresql\/pgxs\/|plperl|plpython|pltcl|^native\/bin\/pg_ctl$|^native\/lib\/libecpg|^native\/lib\/libpgtypes/,
];
