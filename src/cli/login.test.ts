import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { loginList } from '../contract/cli/login.ts';
import type { IssuingController } from '../controller/routes/test-api.ts';
import { issuingController } from '../controller/routes/test-api.ts';
import type { HttpsSocket, LocalSocket } from '../controller/test-local-socket.ts';
import { serveHttps, serveLocally } from '../controller/test-local-socket.ts';
import { chooseServer } from './server/choose-server.ts';
import type { Ran, Terminal } from './test-cli.ts';
import { causeway } from './test-cli.ts';

let issuing: IssuingController;
let https: HttpsSocket;
let local: LocalSocket;
let home: string;
/** A file with a credential that may read networks, as `api-credential create --json` writes it. */
let credentialFile: string;
let secret: string;

before(async () => {
  issuing = await issuingController();
  local = await serveLocally(issuing.controller.app);
});
after(async () => {
  await local[Symbol.asyncDispose]();
  await issuing[Symbol.asyncDispose]();
});
beforeEach(async (context) => {
  home = await mkdtemp(join(tmpdir(), 'cw-login-'));
  https = await serveHttps(issuing.controller);
  const made = await causeway(['credential', 'create', 'shell', '--permission', 'network:read', '--data', local.data, '--json']);
  secret = JSON.parse(made.out).client_secret;
  credentialFile = join(home, 'credential.json');
  await writeFile(credentialFile, made.out);
  if ('after' in context)
    context.after(async () => {
      await https[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    });
});

/** A machine where nobody has an installation. */
async function run(line: readonly string[], terminal: Terminal = {}): Promise<Ran> {
  const environment = { XDG_CONFIG_HOME: home, CAUSEWAY_DATA: undefined, CAUSEWAY_SERVER: undefined, ...terminal.environment };
  return await causeway(line, { ...terminal, environment });
}

/** Asks the controller of a login, by its name: this machine may have an installation, which tests leave alone. */
async function ask(line: readonly string[], name = '127.0.0.1'): Promise<Ran> {
  return await run([...line, '--server', name]);
}

/** What a command asks that names nothing, where the installation of this machine would be at `here`. */
async function chosenAt(here: string): Promise<string> {
  const before = process.env['XDG_CONFIG_HOME'];
  process.env['XDG_CONFIG_HOME'] = home;
  try {
    return (await chooseServer({}, here)).label;
  } finally {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  }
}

const ca = (): string[] => ['--ca', join(https.data, 'ca.crt')];
const pinOf = async (): Promise<string> => (await run(['fingerprint', '--data', https.data])).out.trim();

async function signIn(...more: readonly string[]): Promise<void> {
  const ran = await run(['login', https.url, ...ca(), '--credential', credentialFile, ...more]);
  assert.equal(ran.code, 0, ran.err);
}

describe('login', () => {
  it('is kept for its owner alone, and asked where this machine has no controller', async () => {
    const ran = await run(['login', https.url, ...ca(), '--credential', credentialFile]);
    assert.deepEqual([ran.code, ran.err], [0, '']);
    assert.equal(ran.out, `signed in to ${https.url} as 127.0.0.1; --server 127.0.0.1 asks it\n`);
    const directory = join(home, 'causeway', 'logins');
    assert.deepEqual(await readdir(directory), ['127.0.0.1.json']);
    assert.equal((await stat(join(directory, '127.0.0.1.json'))).mode & 0o777, 0o600);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    const asked = await ask(['network', 'list']);
    assert.deepEqual([asked.code, asked.err], [0, '']);
    assert.match(asked.out, /^There is no network yet/);
    const remote = `the controller 127.0.0.1 at ${https.url}`;
    assert.equal(await chosenAt(join(home, 'nowhere')), remote);
    // Stopped, but there: what is meant for it must not reach another controller.
    await mkdir(join(home, 'installation', 'run'), { recursive: true });
    assert.match(await chosenAt(join(home, 'installation')), /installation\/run\/api\.sock$/);
    assert.equal((await run(['network', 'list'], { environment: { CAUSEWAY_SERVER: '127.0.0.1' } })).code, 0);
  });

  it('says in the words of the API what the credential may not', async () => {
    await signIn();
    const ran = await ask(['user', 'list']);
    assert.match(ran.err, /answered with 403: This API credential lacks the permission user:read/);
    assert.deepEqual([ran.code, ran.out], [1, '']);
    const made = await ask(['credential', 'create', 'another']);
    assert.match(made.err, /answered with 40[13]: /);
    assert.equal(made.code, 1);
  });

  it('shows an unknown key to the person, and keeps it when that is the right one', async () => {
    const pin = await pinOf();
    assert.match(pin, /^sha256\/\/[A-Za-z0-9+/]{43}=$/);
    const id = JSON.parse(await readFile(credentialFile, 'utf8')).client_id;
    const ran = await run(['login', https.url, '--name', 'lab'], { answers: ['y', id, secret] });
    assert.equal(ran.code, 0, ran.err);
    assert.ok(ran.questions[0]?.includes(`Its key: ${pin}\n`));
    assert.deepEqual(ran.questions.slice(1), ['Client id: ', 'Client secret: ']);
    assert.ok(!`${ran.out}${ran.err}`.includes(secret));
    assert.equal((await ask(['network', 'list'], 'lab')).code, 0);
    const refused = await run(['login', https.url, '--name', 'other'], { answers: ['n'] });
    assert.deepEqual([refused.code, refused.err], [1, 'causeway: nothing was sent, and nothing is kept\n']);
    assert.deepEqual(loginList.parse(JSON.parse((await run(['login', '--json'])).out)), [{ name: 'lab', url: https.url }]);
  });

  it('takes the key on the line for scripts, and asks nobody without a terminal', async () => {
    const pin = await pinOf();
    const ran = await run(['login', https.url, '--fingerprint', pin, '--credential', '-'], {
      input: await readFile(credentialFile, 'utf8'),
    });
    assert.equal(ran.code, 0, ran.err);
    const unknown = await run(['login', https.url, '--credential', credentialFile]);
    assert.match(
      unknown.err,
      /does not trust the certificate.*\nIts key: sha256\/\/.*\n.*\nnothing was sent: .*--ca FILE.*--fingerprint KEY/,
    );
    assert.deepEqual([unknown.code, unknown.out], [2, '']);
    const nobody = await run(['login', https.url, ...ca()]);
    assert.match(nobody.err, /no terminal to ask on; give --credential FILE/);
    assert.equal(nobody.code, 2);
    const other = `sha256//${'A'.repeat(43)}=`;
    const wrong = await run(['login', https.url, '--fingerprint', other, '--credential', credentialFile]);
    assert.match(wrong.err, /is not the server that --fingerprint names: it shows the key sha256.*nothing was sent/);
    assert.equal(wrong.code, 1);
  });

  it('sends nothing to a server whose key is another one by now, unless its CA is what is trusted', async () => {
    await signIn('--name', 'by-ca');
    const pin = await pinOf();
    await run(['login', https.url, '--fingerprint', pin, '--credential', credentialFile, '--name', 'by-key']);
    await https.replaceKey();
    const ran = await run(['network', 'list', '--server', 'by-key']);
    assert.match(
      ran.err,
      /does not prove that it is the one of the login: it shows the key .*nothing was sent.*causeway login https:/,
    );
    assert.equal(ran.code, 3);
    assert.equal((await run(['network', 'list', '--server', 'by-ca'])).code, 0);
  });

  it('gets a new token when the one that it has is refused, and says when the credential is withdrawn', async () => {
    await signIn();
    await issuing.controller.database.store.database.deleteFrom('access_token').execute();
    assert.equal((await ask(['network', 'list'])).code, 0);
    const path = join(home, 'causeway', 'logins', '127.0.0.1.json');
    const kept = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...kept, token: { ...kept.token, expiresAt: '2020-01-01T00:00:00.000Z' } }));
    assert.equal((await ask(['network', 'list'])).code, 0);
    assert.notEqual(JSON.parse(await readFile(path, 'utf8')).token.expiresAt, '2020-01-01T00:00:00.000Z');
    await issuing.controller.database.store.database.deleteFrom('api_credential').execute();
    const ran = await ask(['network', 'list']);
    assert.match(ran.err, /refuses the credential: The client id is unknown, its secret is wrong/);
    assert.equal(ran.code, 1);
  });

  it('is named where there are several, and forgotten by logout', async () => {
    assert.equal((await run(['login'])).out, 'There is no login; causeway login URL makes one.\n');
    await signIn('--name', 'one');
    await signIn('--name', 'two');
    await assert.rejects(chosenAt(join(home, 'nowhere')), /several logins; name one with --server: one, two/);
    assert.match((await run(['network', 'list', '--server', 'onee'])).err, /no login is called onee; did you mean one\?/);
    assert.match((await run(['logout'])).err, /several logins; name one: one, two/);
    const gone = await run(['logout', 'two']);
    assert.deepEqual([gone.code, gone.out], [0, 'forgot the login two\n']);
    assert.match(gone.err, /Its credential is still good/);
    assert.equal((await run(['logout'])).code, 0);
    assert.deepEqual(await readdir(join(home, 'causeway', 'logins')), []);
    assert.match((await run(['logout'])).err, /there is no login to forget/);
  });

  it('refuses a login that others may read, or that is damaged', async () => {
    await signIn();
    const path = join(home, 'causeway', 'logins', '127.0.0.1.json');
    await chmod(path, 0o644);
    const ran = await ask(['network', 'list']);
    assert.match(ran.err, /may be read by others \(mode 644\)/);
    assert.equal(ran.code, 2);
    await chmod(path, 0o600);
    await writeFile(path, '{');
    assert.match((await ask(['network', 'list'])).err, /is no login of this version/);
  });

  it('refuses what cannot be right, before anything is sent', async () => {
    await writeFile(join(home, 'not.json'), '{}');
    const cases: readonly (readonly [line: readonly string[], says: RegExp])[] = [
      [['login', 'http://vpn.example.com'], /is not https/],
      [['login', 'https://'], /is no URL/],
      [['login', 'https://a:b@vpn.example.com'], /holds a credential, which others can see/],
      [['login', 'https://vpn.example.com/portal'], /more than a host and a port/],
      [['login', https.url, '--name', '../x'], /\.\.\/x cannot be a name/],
      [['login', https.url, '--fingerprint', 'AB:CD'], /AB:CD is no key/],
      [['login', https.url, '--ca', join(home, 'none')], /cannot be read: ENOENT/],
      [['login', https.url, '--ca', 'a', '--fingerprint', `sha256//${'A'.repeat(43)}=`], /cannot be used with/],
      [
        ['login', https.url, ...ca(), '--credential', join(home, 'not.json')],
        /holds no credential; it has to be what causeway api-credential create --json prints/,
      ],
      [['login', '--name', 'x'], /--name is for a new login: give its URL/],
    ];
    for (const [line, says] of cases) {
      const ran = await run(line);
      assert.match(ran.err, says, line.join(' '));
      assert.deepEqual([ran.code, ran.out], [2, ''], line.join(' '));
    }
    const wrong = await run(['login', https.url, ...ca(), '--credential', '-'], {
      input: JSON.stringify({ client_id: 'x', client_secret: 'y' }),
    });
    assert.match(wrong.err, /refuses the credential: The client id is unknown/);
    assert.equal(wrong.code, 1);
    const missing = await run(['fingerprint', '--data', home]);
    assert.match(missing.err, /there is no certificate of its own at/);
    assert.equal(missing.code, 1);
  });

  it('ends with 3 where nothing answers, or no TLS', async () => {
    const server = createServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const noTls = await run(['login', `127.0.0.1:${port}`, '--credential', credentialFile]);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const nothing = await run(['login', `https://127.0.0.1:${port}`, '--credential', credentialFile]);
    for (const ran of [noTls, nothing]) {
      assert.match(ran.err, /^causeway: https:\/\/127\.0\.0\.1:\d+ does not answer: /);
      assert.deepEqual([ran.code, ran.out], [3, '']);
    }
  });
});
