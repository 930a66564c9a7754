import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import type { Surroundings } from '../surroundings.ts';
import { readUpgradeFacts } from '../upgrade/facts.ts';
import { judgeUpgrade } from '../upgrade/judge-upgrade.ts';
import type { Origin } from '../upgrade/upgrade-text.ts';
import { howToUpgrade, upgradeText } from '../upgrade/upgrade-text.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

interface Parsed {
  readonly data: string;
  readonly check?: true;
  readonly json?: true;
}

/** registerUpgrade adds `causeway upgrade`: 0 when nothing is in the way of the next start, 1 when something is named. */
export function registerUpgrade(program: Command, surroundings: Surroundings): void {
  program
    .command('upgrade')
    .description('say how a new version is brought here, or, with --check, what its first start would change')
    .addOption(dataDirectoryOption())
    .option('--check', 'what the next start of this version changes, and what is in its way; nothing is changed')
    .option('--json', 'with --check: print it for programs')
    .action(async ({ data, check, json }: Parsed, command: Command) => {
      if (check !== true) {
        if (json === true) command.error('error: --json is given without --check: give both.');
        surroundings.writeOut(howToUpgrade(origin(), data));
        return;
      }
      const found = judgeUpgrade(await readUpgradeFacts(data));
      surroundings.writeOut(json === true ? jsonText(found) : upgradeText(found));
      surroundings.setExitCode(found.problems.length === 0 ? exitCodes.works : exitCodes.problem);
    });
}

function origin(): Origin {
  if (existsSync(path.join(root, '.git'))) return { kind: 'checkout', directory: root };
  return { kind: root.startsWith('/usr/') ? 'package' : 'archive', directory: root };
}
