import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { ensurePortal } from '../../src/portal-build/ensure-portal.ts';
import { sizesText } from '../../src/portal-build/sizes.ts';

it('what a browser loads first stays within its budgets', async () => {
  const cache = await mkdtemp(path.join(os.tmpdir(), 'cw-sizes-'));
  try {
    const { sizes } = await ensurePortal(path.join(import.meta.dirname, '..', '..'), cache);
    assert.ok(sizes !== undefined);
    const measured = sizes.pages.filter(({ budget_bytes: budget }) => budget !== undefined);
    assert.deepEqual(measured.map(({ name }) => name).toSorted(), ['overview-page', 'sign-in-page']);
    for (const { name, bytes, budget_bytes: budget = 0 } of measured) assert.ok(bytes <= budget, `${name}\n${sizesText(sizes)}`);
    assert.ok(sizes.fonts_bytes > 0 && sizes.fonts_bytes <= sizes.fontsBudget_bytes, sizesText(sizes));
  } finally {
    await rm(cache, { recursive: true });
  }
});
