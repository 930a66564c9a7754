import type { UpgradeCheck } from '../../contract/cli/upgrade.ts';
import { programText } from '../../contract/run-history.ts';
import { shellWord } from '../../core/shell-word.ts';
import { printable, table } from '../table.ts';
import { indented } from '../wrap.ts';
import { megabytes } from './judge-upgrade.ts';

/** upgradeText is `upgrade --check` for people. */
export function upgradeText(check: UpgradeCheck): string {
  const { installed, lastRun, running, backup, lastBackup, database } = check;
  const rows = [
    ['installed', programText(installed)],
    [
      'ran last',
      lastRun === null ? 'nothing, or a version that kept no record' : `${programText(lastRun)}, started ${lastRun.lastStart}`,
    ],
    ['running now', running === null ? 'no controller answers' : running.version],
    ['schema', schemaText(check)],
    ['database', databaseText(database)],
    [
      'backup',
      backup === null
        ? 'none is needed: nothing changes'
        : `made first, in ${backup.directory}: at most ${megabytes(backup.neededBytes)}, ${megabytes(backup.freeBytes)} are free`,
    ],
    ...(lastBackup === null ? [] : [['last backup', `${lastBackup.file}, of ${lastBackup.madeAt}`]]),
    [
      'a restart ends',
      check.interrupts === 'nothing' ? 'nothing: tunnels stay' : 'all tunnels; clients and connectors come back by themselves',
    ],
    ['agents', agentsText(check)],
  ];
  return [
    table(rows.map((row) => row.map(printable))),
    section('Changes of the database', check.migrations.map(migrationText)),
    section(
      'Connectors with another agent; they go on as they are',
      (check.otherAgents ?? []).map(({ connector, version }) => `${connector}: ${version}`),
    ),
    section(
      'In the way',
      check.problems.map(({ message }) => message),
    ),
  ].join('');
}

function schemaText({ installed, lastRun, migrations }: UpgradeCheck): string {
  const from = lastRun === null ? '' : `${lastRun.schema} → `;
  return migrations.length === 0 ? installed.schema : `${from}${installed.schema}, ${String(migrations.length)} changes`;
}

function databaseText({ now, after }: UpgradeCheck['database']): string {
  if (now === null) return `PostgreSQL ${String(after)} comes with this version`;
  return now === after ? `PostgreSQL ${String(now)}` : `PostgreSQL ${String(now)} → ${String(after)}`;
}

function agentsText({ otherAgents }: UpgradeCheck): string {
  if (otherAgents === null) return 'not known';
  return otherAgents.length === 0 ? 'of this version' : `${String(otherAgents.length)} of another version`;
}

function migrationText({ name, breaking, summary }: UpgradeCheck['migrations'][number]): string {
  return `${name}${breaking ? ' (BREAKING: no way back but the backup)' : ''}: ${summary}`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.map((line) => indented(printable(line), 2)).join('')}`;
}

/** How the new version comes here: which one, and whether it is the right one, is for whoever runs this to decide (decision 105). */
export type Origin = { readonly kind: 'checkout' | 'package' | 'archive'; readonly directory: string };

/** howToUpgrade says what to type. */
export function howToUpgrade({ kind, directory }: Origin, data: string): string {
  const get = {
    checkout: `git -C ${shellWord(directory)} pull --ff-only`,
    package: 'apt-get update && apt-get install --only-upgrade causeway',
    archive: `# unpack the new version over ${shellWord(directory)}`,
  }[kind];
  const check = kind === 'package' ? 'causeway' : shellWord(`${directory}/causeway`);
  const lines = [
    'Nothing was changed. A new version is brought here like this:',
    '',
    `  ${get}`,
    `  ${check} upgrade --check${data === '/var/lib/causeway' ? '' : ` --data ${shellWord(data)}`}`,
    kind === 'package' ? '  # the package has restarted it already' : '  # then restart "causeway up"',
    '',
    'Its first start backs up, brings the database forward, and serves. docs/upgrade.md says how to go back.',
  ];
  return `${lines.join('\n')}\n`;
}
