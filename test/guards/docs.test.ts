import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildProgram } from '../../src/cli/program.ts';
import { realSurroundings } from '../../src/cli/surroundings.ts';
import { brokenLinks, missingPaths, optionTable, refusedCommands } from './docs.ts';

const root = join(import.meta.dirname, '..', '..');

const pages = globSync(['*.md', '{docs,src,test,bench}/**/*.md'], { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
/** Accepted decisions are not edited when a name changes, so only their links have to hold. */
const livingPages = pages.filter(({ path }) => !/^docs\/decisions\/\d/.test(path));

const exists = (path: string): boolean => existsSync(join(root, path));
const silentProgram = () => buildProgram({ ...realSurroundings, writeOut: () => undefined, writeErr: () => undefined });
/** Commands of the launcher alone (`causeway`): they hand over to Node and never reach the program. */
const launcherOnly = ['node', 'node-path'];

describe('documentation', () => {
  it('has its pages', () => assert.ok(pages.length >= 12, `only ${pages.length} pages were found`));

  it('links to what is there', () => assert.equal(brokenLinks(pages, exists).join('\n'), ''));

  it('names files that are there', () => assert.equal(missingPaths(livingPages, exists).join('\n'), ''));

  it('shows command lines that the program takes', () => {
    const launcher = readFileSync(join(root, 'causeway'), 'utf8');
    for (const command of launcherOnly) assert.ok(launcher.includes(command), `the launcher knows no ${command}`);
    assert.equal(refusedCommands(livingPages, silentProgram, launcherOnly).join('\n'), '');
  });

  it('lists in operating.md the options, variables and defaults of up', () => {
    const page = readFileSync(join(root, 'docs', 'operating.md'), 'utf8');
    const table = optionTable(page, '## Options of `up`');
    const up = buildProgram().commands.find((command) => command.name() === 'up');
    assert.ok(up !== undefined);
    assert.deepEqual(
      table.flatMap(({ options }) => options),
      up.options.map((option) => option.long),
    );
    // DATABASE_URL has no option, because arguments can be read by everybody on the machine.
    assert.deepEqual(
      table.flatMap(({ variables }) => variables),
      [...up.options.flatMap((option) => option.envVar ?? []), 'DATABASE_URL'],
    );
    for (const option of up.options) {
      const shown: unknown = option.defaultValueDescription ?? option.defaultValue;
      if (typeof shown !== 'string' && typeof shown !== 'number') continue;
      const row = table.find(({ options }) => options.includes(option.long ?? ''));
      assert.equal(row?.default, `\`${shown}\``, `the default of ${option.long ?? ''}`);
    }
  });
});

describe('the guard of the documentation', () => {
  const planted = (text: string) => [
    { path: 'docs/a.md', text },
    { path: 'docs/b.md', text: '# One, two `three`\n' },
  ];
  const onlyB = (path: string): boolean => path === 'docs/b.md';

  for (const [name, text] of Object.entries({
    'a file that is not there': '[x](c.md)',
    'a heading that is not there': '[x](b.md#four)',
    'a path of one machine': '[x](/docs/b.md)',
    'a heading of the page itself': '[x](#nowhere)',
  })) {
    it(`finds a link to ${name}`, () =>
      assert.equal(brokenLinks(planted(text), (path) => onlyB(path) || path === 'docs/a.md').length, 1));
  }

  it('takes good links, and looks at none in code', () => {
    const text = '[x](b.md) [y](b.md#one-two-three) [z](https://example.com/x)\n```\n[x](c.md)\n```\n';
    assert.deepEqual(brokenLinks(planted(text), onlyB), []);
  });

  it('finds a path that is not there', () => {
    assert.equal(missingPaths(planted('`docs/b.md` and `src/gone.ts` and `src/x/NNNN_words.sql`'), onlyB).length, 1);
  });

  for (const text of [
    '`causeway fly`',
    '```sh\n./causeway up --fast\n```\n',
    '`causeway api-credential create --nmae x`',
    '`causeway up --data /x --gateway`',
    '`causeway network fly`',
    '`causeway network set "HQ Network" --nat sideways`',
    '`causeway network set HQ Network --nat routed`',
    '`causeway trace bob 10.0.0.20 --port 70000`',
    '```sh\n./causeway network create --subnet 10.0.0.0/18\n```\n',
    '```sh\nx | ./causeway user nope\n```\n',
  ]) {
    it(`finds ${JSON.stringify(text)}`, () =>
      assert.equal(refusedCommands(planted(text), silentProgram, launcherOnly).length, 1));
  }

  it('takes commands that are there', () => {
    const text =
      '`./causeway up`, `causeway drain`, `causeway network`, `causeway network set "HQ Network" --nat masquerade`, `causeway drain NAME|ID [--resume]`, `causeway doctor --fix CODE`, `causeway completion SHELL`, `causeway help up`, `causeway lab remote-access --fault X | tail --lines=3`, `causeway node --test x`, `causeway-connector status --x`';
    assert.deepEqual(refusedCommands(planted(text), silentProgram, launcherOnly), []);
  });
});
