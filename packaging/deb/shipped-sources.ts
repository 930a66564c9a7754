/** Owner is the package that a source belongs to. */
export type Owner = 'causeway' | 'causeway-gateway';

/**
 * ownerOf says which package a tracked file of the checkout goes into; undefined for what never runs on an installed machine: tests and what
 * they alone use, the portal's sources (it is shipped built), and the launcher, whose place dpkg takes.
 */
export function ownerOf(path: string): Owner | undefined {
  if (!path.startsWith('src/') || unshipped.some((pattern) => pattern.test(path))) return undefined;
  return path.startsWith('src/gateway/') ? 'causeway-gateway' : 'causeway';
}

const unshipped: readonly RegExp[] = [
  /\.test\.ts$|\.type-test\.ts$|\/test-[^/]*$|\/README\.md$/,
  /\/(?:testing|golden|stand-ins|recorded)\//,
  /^src\/(?:portal|portal-build)\//,
  // packages.sh and its table stay: they say what a command of the lab lacks.
  /^src\/launcher\/(?!packages\.sh$|debian-packages\.txt$)/,
];

/** importedPackages lists the npm packages that sources import, sorted; Node's own modules are none. */
export function importedPackages(texts: readonly string[]): string[] {
  const pattern = /^(?:import|export)\s(?:[\w*{}\s,$]+?\sfrom\s+)?'([^'\n]+)'|\bimport\(\s*'([^'\n]+)'/gm;
  const names = texts.flatMap((text) =>
    [...text.matchAll(pattern)].flatMap(([, fixed, late]) => {
      const specifier = fixed ?? late ?? '.';
      if (/^(?:\.|node:)/.test(specifier)) return [];
      return [
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      ];
    }),
  );
  return [...new Set(names)].toSorted();
}
