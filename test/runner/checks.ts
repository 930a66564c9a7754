import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Count } from './count.ts';
import { shellScripts } from './sources.ts';

/** Check is one program whose exit code says whether the sources are in order. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** What to run to mend it, shown when it fails; absent where only a person can. */
  readonly mend?: string;
}

/** checks lists what is run, with the versions that package-lock.json pins. `node` is the Node that runs us. */
export function checks(root: string): Check[] {
  const tool = (name: string): [string, string] => [process.execPath, join(root, 'node_modules', '.bin', name)];
  const scripts = shellScripts(root);
  const agents = scripts.filter((script) => script.startsWith('src/connector/'));
  return [
    { name: 'types (tsc)', command: [...tool('tsc'), '--project', root] },
    { name: 'types of the portal (tsc)', command: [...tool('tsc'), '--project', join(root, 'src/portal')] },
    { name: 'lint (oxlint)', command: [...tool('oxlint'), '--deny-warnings'] },
    {
      name: 'format (biome)',
      command: [...tool('biome'), 'format', '--error-on-warnings', '.'],
      mend: './causeway node node_modules/.bin/biome format --write .',
    },
    { name: 'dead code (knip)', command: [...tool('knip'), '--no-progress'] },
    {
      name: 'shell (shellcheck)',
      command: ['shellcheck', '--external-sources', '--', ...scripts.filter((script) => !script.startsWith('src/launcher/'))],
    },
    // Connectors are whatever Linux a site has: what runs there must be read by the two smallest shells.
    ...agents.flatMap((script): Check[] => [
      { name: `${script} in dash`, command: ['dash', '-n', script] },
      { name: `${script} in busybox ash`, command: ['busybox', 'ash', '-n', script] },
    ]),
    { name: 'causeway in dash', command: ['dash', '-n', 'causeway'] },
    {
      name: 'installed packages are those of the lock',
      command: [process.execPath, join(root, 'src/launcher/check-lock.ts'), join(root, 'package-lock.json'), root],
      mend: 'rm -r node_modules and start again',
    },
  ];
}

/** runChecks runs two at a time and writes what the failing ones said. */
export async function runChecks(
  root: string,
  write: (text: string) => void,
  list: readonly Check[] = checks(root),
): Promise<Count> {
  const queue = [...list];
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const problem = await problemOf(root, check);
      if (problem === undefined) continue;
      failed += 1;
      write(
        `FAILED ${check.name}\n${problem.replace(/^/gm, '    ')}\n${check.mend === undefined ? '' : `    to mend it: ${check.mend}\n`}`,
      );
    }
  };
  await Promise.all([worker(), worker()]);
  return { passed: list.length - failed, failed };
}

async function problemOf(root: string, check: Check): Promise<string | undefined> {
  const [program, ...args] = check.command;
  try {
    await promisify(execFile)(program, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const written = ['stdout', 'stderr'].map((stream) => (stream in error ? String(Reflect.get(error, stream)) : '')).join('');
    return written.trim() === '' ? error.message : written.trimEnd();
  }
}
