import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigurationFile } from './configuration-file.ts';
import type { Log } from './log.ts';
import { exampleConfiguration } from './testing/example.ts';

const configuration = exampleConfiguration();

async function inDirectory(test: (directory: string, log: Log & { readonly lines: string[] }) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'gwconf-'));
  const lines: string[] = [];
  try {
    await test(directory, { lines, info: () => undefined, warn: (message) => void lines.push(message) });
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('configuration file', () => {
  it('gives back what was saved, and leaves nothing else behind', () =>
    inDirectory(async (directory, log) => {
      const path = join(directory, 'configuration.json');
      const file = new ConfigurationFile(path, log);
      assert.equal(await file.load(), null);
      void file.save({ ...configuration, revision: 2 });
      void file.save({ ...configuration, revision: 3 });
      await file.save({ ...configuration, revision: 4 });
      assert.deepEqual(await readdir(directory), ['configuration.json']);
      assert.deepEqual(await new ConfigurationFile(path, log).load(), { ...configuration, revision: 4 });
      assert.deepEqual(log.lines, []);
    }));

  it('does not go back to an older revision, also after a restart', () =>
    inDirectory(async (directory, log) => {
      const path = join(directory, 'configuration.json');
      await new ConfigurationFile(path, log).save({ ...configuration, revision: 9 });
      const file = new ConfigurationFile(path, log);
      await file.load();
      await file.save({ ...configuration, revision: 8 });
      assert.match(log.lines[0] ?? '', /revision 8 is older than 9/);
      assert.match(await readFile(path, 'utf8'), /"revision":9/);
    }));

  it('says so when it cannot write, and goes on', () =>
    inDirectory(async (directory, log) => {
      await writeFile(join(directory, 'in-the-way'), '');
      await new ConfigurationFile(join(directory, 'in-the-way', 'configuration.json'), log).save(configuration);
      assert.match(log.lines[0] ?? '', /cannot keep revision 1 on disk; is .*in-the-way full or read-only\?/);
    }));

  it('is not held up by half a file', () =>
    inDirectory(async (directory, log) => {
      const path = join(directory, 'configuration.json');
      await writeFile(path, JSON.stringify(configuration).slice(0, 100));
      assert.equal(await new ConfigurationFile(path, log).load(), null);
      assert.match(log.lines[0] ?? '', /cannot be used; waiting for the controller/);
    }));
});
