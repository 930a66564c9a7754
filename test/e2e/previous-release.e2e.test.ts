/** Agents of the release before this version, with packets through them: what runs in the field while a controller is upgraded. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { labResult } from '../../src/contract/cli/lab-result.ts';
import { runProgram } from '../../src/lab/run-program.ts';
import { inOtherVersion, isSeen, previousConnector, previousGatewayAgent } from './other-version.ts';
import type { Replacement } from './other-version.ts';

const cli = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const directory = mkdtempSync(path.join(tmpdir(), 'cw-previous-'));
// The gateway agent, which has no rights, reads its program there.
chmodSync(directory, 0o755);
after(() => rmSync(directory, { recursive: true, force: true }));

/** The tutorial's first flow: install by the pasted line, connect, a page there and back, each step seen on the wire. */
async function remoteAccess(replacement: Replacement): Promise<void> {
  const argv = inOtherVersion([replacement], [process.execPath, cli, 'lab', 'remote-access', '--json']);
  const { code, stdout, stderr } = await runProgram(argv, { timeoutMs: 180_000 });
  assert.notEqual(stdout, '', `the lab gave no result, exit ${String(code)}: ${stderr}`);
  const { passed, steps } = labResult.parse(JSON.parse(stdout));
  const last = steps.at(-1);
  assert.ok(passed && last?.id === 'RA-22', `${last?.id ?? ''}: ${last?.observed ?? ''}\n${stderr}`);
}

describe('the agents of the previous release with this controller', { concurrency: 2 }, () => {
  test('its gateway agent carries packets', { timeout: 200_000 }, async () => {
    const agent = previousGatewayAgent(directory);
    assert.ok(isSeen(agent));
    await remoteAccess(agent);
  });

  test('its connector is installed, connects and carries packets', { timeout: 200_000 }, async () => {
    const connector = previousConnector(directory);
    assert.ok(isSeen(connector));
    await remoteAccess(connector);
  });
});
