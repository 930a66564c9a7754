import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { platformIds } from './catalogue.ts';
import type { PlatformId } from './catalogue.ts';
import { platformsPage } from './platforms-page.ts';
import { routerCommands } from './router-commands.ts';
import { checked, exampleRequest } from './test-example.ts';

const directory = join(import.meta.dirname, 'golden');
const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'platforms.md');
const renew = process.env['RENEW_GOLDEN'] === '1';

function goldenText(id: PlatformId): string {
  const { add, remove, verify, terraform, permissions, leftOut, missing } = routerCommands(checked(id), exampleRequest);
  const section = (title: string, body: string | null) => (body === null || body === '' ? '' : `==== ${title}\n${body}`);
  return [
    section('add', add),
    section('remove', remove),
    section('verify', verify),
    section('terraform', terraform),
    section('permissions', permissions),
    section('left out', leftOut.map(({ destination, reason }) => `${destination}: ${reason}\n`).join('')),
    section('missing', missing.map((word) => `${word}\n`).join('')),
  ]
    .filter((each) => each !== '')
    .join('\n');
}

if (renew) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const id of platformIds) writeFileSync(join(directory, `${id}.txt`), goldenText(id));
  writeFileSync(page, platformsPage());
}

for (const id of platformIds) {
  test(`${id} writes what golden/${id}.txt shows`, () => {
    assert.equal(goldenText(id), readFileSync(join(directory, `${id}.txt`), 'utf8'));
  });
}

test('golden/ has a file for every platform and no other', () => {
  assert.deepEqual(globSync('*', { cwd: directory }).toSorted(), platformIds.map((id) => `${id}.txt`).toSorted());
});

test('docs/platforms.md says what the data says', () => {
  assert.equal(readFileSync(page, 'utf8'), platformsPage());
});
