import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeUpgrade } from './judge-upgrade.ts';
import type { UpgradeFacts } from './judge-upgrade.ts';
import { howToUpgrade, upgradeText } from './upgrade-text.ts';

const migrations = [
  { number: 17, name: '0017_traffic.sql', breaking: false, summary: 'Rates.' },
  { number: 18, name: '0018_one.sql', breaking: false, summary: 'One thing.' },
  { number: 19, name: '0019_two.sql', breaking: true, summary: 'Another.' },
];
const start = '2026-11-27T12:00:00.000Z';
const ran = (schema: string) => ({
  format: 1 as const,
  runs: [{ version: '0.2.0', commit: null, schema, server: '18.4', firstStart: start, lastStart: start }],
  backups: [],
});
const facts: UpgradeFacts = {
  data: '/srv/data',
  installed: { version: '0.3.0', commit: 'c'.repeat(40) },
  migrations,
  history: ran('0018_one.sql'),
  running: null,
  agents: null,
  database: { kind: 'private', major: 18, bytes: 50_000_000, binariesKept: true },
  serverMajor: 18,
  freeBytes: 1_000_000_000,
  service: false,
};
const judge = (changes: Partial<UpgradeFacts>) => judgeUpgrade({ ...facts, ...changes });
const codes = (changes: Partial<UpgradeFacts>) => judge(changes).problems.map(({ code }) => code);
const pending = (changes: Partial<UpgradeFacts>) => judge(changes).migrations.map(({ name }) => name);

test('what is pending follows from what ran last; without a record it was the last version that kept none', () => {
  assert.deepEqual(pending({}), ['0019_two.sql']);
  assert.deepEqual(pending({ history: ran('0019_two.sql') }), []);
  assert.deepEqual(pending({ history: null }), ['0018_one.sql', '0019_two.sql']);
  assert.deepEqual(pending({ history: null, database: { kind: 'none' } }), []);
});

test('a backup is wanted where something changes, and no room for it is in the way', () => {
  assert.deepEqual(judge({}).backup, { directory: '/srv/data/backups', neededBytes: 50_000_000, freeBytes: 1_000_000_000 });
  assert.equal(judge({ history: ran('0019_two.sql') }).backup, null);
  assert.deepEqual(codes({ freeBytes: 49_000_000 }), ['no-room']);
  assert.deepEqual(codes({ freeBytes: 49_000_000, history: ran('0019_two.sql') }), []);
  const major = judge({ history: ran('0019_two.sql'), serverMajor: 19 });
  assert.equal(major.backup?.neededBytes, 50_000_000 * 2 + 200 * 1024 * 1024);
});

test('what cannot be started is named with what to do', () => {
  assert.deepEqual(codes({ history: ran('0020_later.sql') }), ['newer-schema']);
  assert.deepEqual(codes({ serverMajor: 17 }), ['database-newer']);
  const old = { kind: 'private', major: 17, bytes: 1, binariesKept: false } as const;
  assert.deepEqual(codes({ database: old }), ['database-binaries']);
  assert.deepEqual(codes({ database: { ...old, binariesKept: true } }), []);
  assert.deepEqual(codes({ database: { kind: 'not-readable' } }), ['not-root']);
});

test('agents of another version are named, what does not say one is not', () => {
  const agents = [
    { connector: 'a', version: '0.2.0' },
    { connector: 'b', version: '0.3.0' },
    { connector: 'c', version: null },
  ];
  assert.deepEqual(judge({ agents }).otherAgents, [{ connector: 'a', version: '0.2.0' }]);
});

test('people read it: what changes, what it takes, what is in the way; no name can move their cursor', () => {
  const text = upgradeText(
    judge({
      running: { version: '0.2.0' },
      agents: [{ connector: 'hq\u001b[2J', version: '0.2.0' }],
      freeBytes: 1_000_000,
    }),
  );
  assert.match(text, /installed {2,}0\.3\.0 \(cccccccc\)\n/);
  assert.match(text, /ran last {2,}0\.2\.0, started 2026-11-27T12:00:00\.000Z\n/);
  assert.match(text, /a restart ends {2,}all tunnels/);
  assert.match(text, /0019_two\.sql \(BREAKING: no way back but the backup\): Another\./);
  assert.match(text, /hq\\u\{1b\}\[2J: 0\.2\.0/);
  assert.match(text, /In the way:\n {2}The backup before the upgrade may need 50 MB/);
});

test('how a new version comes here is said for where the program came from', () => {
  const how = (kind: 'checkout' | 'package') => howToUpgrade({ kind, directory: '/opt/my causeway' }, '/srv/data');
  assert.match(how('checkout'), /git -C '\/opt\/my causeway' pull --ff-only\n.*upgrade --check --data \/srv\/data\n/);
  assert.match(how('package'), /apt-get install --only-upgrade causeway\n/);
});
