import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** The real process: its exit code, and that each of its outputs reaches what it should. */
async function causeway(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => void (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => void (err += data.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, out, err };
}

test('the process ends with the code of its command, and writes answers to stdout and the rest to stderr', async () => {
  const data = await mkdtemp(join(tmpdir(), 'cw-main-'));
  try {
    await mkdir(join(data, 'run'));
    await writeFile(join(data, 'run', 'api.sock'), '');
    const [works, usage, unreachable] = await Promise.all([
      causeway(['--version']),
      causeway(['upp']),
      causeway(['status', '--data', data]),
    ]);
    assert.match(works.out, /^\d+\.\d+\.\d+\n$/);
    assert.deepEqual([works.code, works.err], [0, '']);
    assert.match(usage.err, /upp is not a command/);
    assert.deepEqual([usage.code, usage.out], [2, '']);
    assert.match(unreachable.err, /^causeway: no controller answers at /);
    assert.deepEqual([unreachable.code, unreachable.out], [3, '']);
  } finally {
    await rm(data, { recursive: true });
  }
});
