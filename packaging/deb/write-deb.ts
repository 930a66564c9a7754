import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, lutimes, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { controlText, documents } from './control-texts.ts';
import type { BuildFacts, PackagePlan, PlannedFile } from './package-plan.ts';

/**
 * writeDeb makes the package's file in `output` and gives its path. The same plan and facts give the same bytes: owners, modes and times are set
 * here, dpkg-deb sorts the names. The file appears by rename when it is whole; rejects with what dpkg-deb said, and leaves nothing then.
 */
export async function writeDeb(plan: PackagePlan, facts: BuildFacts, output: string): Promise<string> {
  const tree = await mkdtemp(path.join(tmpdir(), 'cw-deb-'));
  try {
    const files = [...plan.files, ...documents(plan, facts)];
    for (const file of files) await place(tree, file);
    await writeControl(tree, plan, facts, files);
    await settle(tree, facts.time_s);
    const file = path.join(output, `${plan.name}_${facts.version}_${plan.architecture}.deb`);
    await run(tree, `${file}.new`, facts.time_s);
    await promisify(execFile)('mv', ['-T', `${file}.new`, file]);
    return file;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function place(tree: string, file: PlannedFile): Promise<void> {
  const target = path.join(tree, file.path);
  await mkdir(path.dirname(target), { recursive: true });
  if (file.kind === 'copy') await copyFile(file.from, target);
  else await writeFile(target, file.text);
  await chmod(target, file.mode);
}

async function writeControl(tree: string, plan: PackagePlan, facts: BuildFacts, files: readonly PlannedFile[]): Promise<void> {
  const directory = path.join(tree, 'DEBIAN');
  await mkdir(directory);
  const conffiles = new Set(plan.conffiles);
  let size_kib = 0;
  const sums: string[] = [];
  for (const { path: name } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = await readFile(path.join(tree, name));
    size_kib += Math.ceil(content.length / 1024);
    if (!conffiles.has(name)) sums.push(`${createHash('md5').update(content).digest('hex')}  ${name.slice(1)}\n`);
  }
  await writeFile(path.join(directory, 'control'), controlText(plan, facts, size_kib));
  await writeFile(path.join(directory, 'md5sums'), sums.join(''));
  if (plan.conffiles.length > 0) await writeFile(path.join(directory, 'conffiles'), `${plan.conffiles.join('\n')}\n`);
  for (const [name, text] of Object.entries(plan.scripts)) {
    await writeFile(path.join(directory, name), text);
    await chmod(path.join(directory, name), name === 'triggers' ? 0o644 : 0o755);
  }
}

/** Whatever mask and clock the builder has: directories are 0755, and everything is as old as the commit. */
async function settle(tree: string, time_s: number): Promise<void> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(file, 0o755);
    else if (entry.parentPath.endsWith('/DEBIAN') && (await stat(file)).mode % 0o100 !== 0o55) await chmod(file, 0o644);
    await lutimes(file, time_s, time_s);
  }
  await chmod(tree, 0o755);
  await lutimes(tree, time_s, time_s);
}

/** zstd, since with xz the largest package takes ten times as long for a fifth less (docs/decisions/0107-what-is-in-the-packages.md). */
async function run(tree: string, file: string, time_s: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await promisify(execFile)('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z9', '--build', tree, file], {
      env: { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: String(time_s), LC_ALL: 'C' },
    });
  } catch (cause) {
    await rm(file, { force: true });
    throw new Error(`dpkg-deb could not make ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
