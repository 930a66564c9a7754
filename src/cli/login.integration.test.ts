/** The real process on a real terminal (of `script`): what is typed for a secret must not be shown. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { issuingController } from '../controller/routes/test-api.ts';
import { serveHttps, serveLocally } from '../controller/test-local-socket.ts';
import { causeway } from './test-cli.ts';

test('a secret that is typed at the terminal is not shown, and signs in', async () => {
  await using issuing = await issuingController();
  await using local = await serveLocally(issuing.controller.app);
  await using https = await serveHttps(issuing.controller);
  const home = await mkdtemp(join(tmpdir(), 'cw-terminal-'));
  try {
    const made = await causeway(['credential', 'create', 'shell', '--data', local.data, '--json']);
    const { client_id: id, client_secret: secret } = JSON.parse(made.out);
    const shown = await atTerminal(
      ['login', https.url, '--name', 'lab'],
      [
        [/Is it the same\? \[y\/N\] $/, 'y'],
        [/Client id: $/, id],
        [/Client secret: $/, secret],
      ],
      home,
    );
    assert.match(shown, /signed in to https:\S+ as lab/);
    assert.ok(shown.includes(id), 'what may be shown is');
    assert.ok(!shown.includes(secret), 'the secret is on the screen');
    // Nothing is left of it in the arguments, and the login works.
    const asked = await causeway(['network', 'list', '--server', 'lab'], { environment: { XDG_CONFIG_HOME: home } });
    assert.deepEqual([asked.code, asked.err], [0, '']);
  } finally {
    await rm(home, { recursive: true });
  }
});

/** Answers each question when it is on the screen; gives all that was shown. */
async function atTerminal(
  args: readonly string[],
  answers: readonly (readonly [question: RegExp, answer: string])[],
  home: string,
): Promise<string> {
  const command = [process.execPath, join(import.meta.dirname, 'main.ts'), ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    env: { ...process.env, XDG_CONFIG_HOME: home, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let answered = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const next = answers[answered];
    // Escape sequences of the line editor stand behind the question.
    if (next === undefined || !next[0].test(shown.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, ''))) return;
    answered += 1;
    child.stdin.write(`${next[1]}\r`);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  assert.equal(code, 0, shown);
  return shown;
}
