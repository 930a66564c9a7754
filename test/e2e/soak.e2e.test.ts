/** The soak for half a minute: whether it still builds, breaks, mends and judges. What it is for takes 30 (docs/reliability.md). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';

const result = z.object({
  violations: z.array(z.object({ what: z.string() })),
  figures: z.array(z.object({ name: z.string(), value: z.number() })),
});

test('a short soak sees no violation', (context) => {
  const soak = join(import.meta.dirname, '..', '..', 'bench', 'soak.ts');
  // This seed begins with the agent killed, a connector's cable pulled, and the controller killed: none of them takes long to mend.
  const argv = [soak, '--minutes', '0.4', '--seed', '248', '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 220_000 });
  context.diagnostic(stderr);
  const { violations, figures } = result.parse(JSON.parse(stdout));
  const value = (name: string) => figures.find((figure) => figure.name === name)?.value ?? 0;
  // How long a recovery takes is no matter of a machine of CI, which does other things; what is lost or reached is.
  assert.deepEqual(
    violations.filter(({ what }) => !what.includes('as before after')),
    [],
  );
  assert.ok(value('faults') >= 1, 'nothing was broken');
  assert.ok(value('changes acknowledged, all of them there') >= 1, 'nobody has written');
  assert.ok(value('transfers') >= 1, 'nothing was transferred');
});
