import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { maximumDataDirectoryBytes } from '../contract/cli/up-options.ts';
import { laneSocket } from '../core/lane-openvpn.ts';
import { dataDirectoryAt, placeFile, readOwned } from './data-directory.ts';

/** sockaddr_un holds 108 bytes, one of them the NUL at the end. */
const longestSocketPath = 107;

describe('the longest data directory that is allowed', () => {
  const directory = dataDirectoryAt(`/${'d'.repeat(maximumDataDirectoryBytes - 1)}`);
  const sockets = {
    api: `${directory.apiSocket}.new`,
    gateway: `${directory.gatewaySocket}.new`,
    signer: path.join(directory.signer, 'sock', 'signer.sock'),
    database: path.join(directory.postgres.socket, '.s.PGSQL.5432'),
    lane: laneSocket(directory.gateway, 'c999'),
  };
  for (const [name, socket] of Object.entries(sockets)) {
    it(`leaves room for the socket of the ${name}`, () =>
      assert.ok(socket.length <= longestSocketPath, `${socket} has ${String(socket.length)} bytes`));
  }
});

describe('files in a directory of a less trusted user', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'cwsup-files-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const at = (name: string) => path.join(directory, name);
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const own = { uid, gid, mode: 0o640 };
  writeFileSync(at('secret'), 'secret');

  it('are placed over a link, not through it', async () => {
    symlinkSync(at('secret'), at('token'));
    await placeFile(at('token'), 'new', own);
    assert.equal(readFileSync(at('secret'), 'utf8'), 'secret');
    assert.equal(readFileSync(at('token'), 'utf8'), 'new');
    assert.equal(statSync(at('token')).mode & 0o7777, 0o640);
  });

  it('leave nothing when they cannot be placed', async () => {
    await assert.rejects(placeFile(at('absent/token'), 'new', own), /ENOENT/);
    execFileSync('mkdir', [at('occupied')]);
    await assert.rejects(placeFile(at('occupied'), 'new', own), /writing .*occupied/);
    assert.deepEqual(readdirSync(directory).sort(), ['occupied', 'secret', 'token']);
  });

  it('are read only if they are plain files of their user', async () => {
    assert.equal(await readOwned(at('secret'), uid, 100), 'secret');
    assert.equal(await readOwned(at('absent'), uid, 100), undefined);
    symlinkSync(at('secret'), at('link'));
    execFileSync('mkfifo', [at('pipe')]);
    await assert.rejects(readOwned(at('link'), uid, 100), /reading .*link/);
    await assert.rejects(readOwned(at('pipe'), uid, 100), /not a file/);
    await assert.rejects(readOwned(at('secret'), uid + 1, 100), /belongs to user/);
    await assert.rejects(readOwned(at('secret'), uid, 5), /at most 5 bytes/);
  });
});
