/** The real shells with the printed scripts, and names from the real controller. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { LocalSocket } from '../../controller/test-local-socket.ts';
import { serveLocally } from '../../controller/test-local-socket.ts';
import type { TestController } from '../../controller/test-controller.ts';
import { testController } from '../../controller/test-controller.ts';
import { buildProgram } from '../program.ts';
import type { Shell } from './script.ts';
import { completionScript } from './script.ts';

const run = promisify(execFile);

let controller: TestController;
let socket: LocalSocket;
let directory: string;

before(async () => {
  controller = await testController();
  socket = await serveLocally(controller.app);
  directory = await mkdtemp(join(tmpdir(), 'cw-complete-'));
  const command = join(directory, 'causeway');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, '..', 'main.ts')}' "$@"\n`);
  await chmod(command, 0o755);
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    await writeFile(join(directory, shell), completionScript(buildProgram(), shell));
  }
  for (const name of ['HQ Network', '$(touch owned)`touch owned`', 'Bad\u001b[31m', 'broken\nline']) {
    await controller.request('POST', '/api/v1/networks', { name });
  }
  await controller.request('POST', '/api/v1/users', { username: 'bob', devices: [{ name: 'laptop' }] });
  await controller.request('POST', '/api/v1/users', { username: 'eve', devices: [{ name: 'laptop' }, { name: 'phone' }] });
});
after(async () => {
  await socket[Symbol.asyncDispose]();
  await controller.close();
  await rm(directory, { recursive: true });
});

/** What each shell offers for a line whose last word is the one that is being typed. */
const offers: Readonly<Record<Shell, (words: readonly string[]) => Promise<string[]>>> = {
  bash: async (words) => {
    const body = `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _causeway; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return await lines('bash', ['--norc', '-c', body, 'bash', ...words]);
  },
  zsh: async (words) => {
    // What the widget would insert: outside a line editor there is no compadd.
    const body = `compdef() { : }; compadd() { print -rl -- "\${(@P)2}" }; source ./zsh; words=("$@"); CURRENT=$#; _causeway`;
    const all = await lines('zsh', ['-f', '-c', body, 'zsh', ...words]);
    return all.filter((offer) => offer.startsWith(words.at(-1) ?? ''));
  },
  fish: async (words) => {
    const line = words.map((word, index) => (index === words.length - 1 ? word : `'${word}'`)).join(' ');
    const all = await lines('fish', ['--no-config', '-c', 'source ./fish; complete -C $argv[1]', line]);
    return all.map((offer) => offer.split('\t')[0] ?? '');
  },
};

async function lines(shell: Shell, args: readonly string[]): Promise<string[]> {
  const env = {
    PATH: `${directory}:${process.env['PATH'] ?? ''}`,
    HOME: directory,
    CAUSEWAY_DATA: socket.data,
    LC_ALL: 'C.UTF-8',
  };
  const { stdout, stderr } = await run(shell, args, { cwd: directory, env });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

for (const [shell, offered] of Object.entries(offers)) {
  describe(`completion in ${shell}`, () => {
    const cases: readonly (readonly [words: readonly string[], expected: readonly string[]])[] = [
      [['causeway', 'netw'], ['network']],
      [['causeway', 'network', 'sh'], ['show']],
      [
        ['causeway', 'network', 'set', '--na'],
        ['--name', '--nat'],
      ],
      [['causeway', 'network', 'set', '--nat', 'm'], ['masquerade']],
      [['causeway', 'network', 'set', '--json', 'x', '--egr'], ['--egress']],
      [['causeway', 'setting', 'show', 'dns'], ['dns/custom-servers']],
      [['causeway', 'setting', 'set', 'wpc/topology', 'F'], []],
      [['causeway', 'connector', 'create', 'hq-1', '--region', 'eu-central'], ['eu-central-1']],
      [['causeway', 'up', '--vpn-port', '1'], []],
      [['causeway', 'device', 'show', 'p'], ['phone']],
      [['causeway', 'device', 'list', '--user', 'e'], ['eve']],
      [['causeway', 'device', 'show', 'bob'], ['bob/laptop']],
    ];
    for (const [words, expected] of cases) {
      it(`knows what follows ${words.join(' ')}`, async () => {
        assert.deepEqual((await offered(words)).toSorted(), expected);
      });
    }

    it('offers names quoted or not at all, and evaluates none', async () => {
      const typed = await offered(['causeway', 'network', 'show', 'H']);
      assert.deepEqual(typed, [shell === 'bash' ? 'HQ\\ Network' : 'HQ Network']);
      const all = await offered(['causeway', 'network', 'show', '']);
      // Those with control characters cannot be typed, nor shown.
      assert.equal(all.filter((offer) => /Bad|broken|line/.test(offer)).length, 0);
      assert.ok(all.some((offer) => offer.includes('touch')));
      const made = await run('ls', [directory]);
      assert.doesNotMatch(made.stdout, /owned/);
    });
  });
}

it('bash offers a name inside a quote that was begun, unless it would end it', async () => {
  assert.deepEqual(await offers.bash(['causeway', 'network', 'show', '"HQ']), ['HQ Network']);
  assert.deepEqual(await offers.bash(['causeway', 'network', 'show', '"$(']), []);
});

it('offers nothing, and says nothing, where no controller answers', async () => {
  const { stdout, stderr } = await run(join(directory, 'causeway'), ['complete-names', 'network', '--data', directory]);
  assert.deepEqual([stdout, stderr], ['', '']);
});
