/** The first flow of the tutorial on real packets: it works both ways, and breaks at the step where the tutorial says it does. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { labResult } from '../../src/contract/cli/lab-result.ts';
import { runProgram } from '../../src/lab/run-program.ts';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

async function lab(...options: readonly string[]) {
  const argv = [process.execPath, cli, 'lab', 'remote-access', '--json', ...options] as const;
  const { code, stdout, stderr } = await runProgram(argv, { timeoutMs: 120_000 });
  assert.notEqual(stdout, '', `the lab gave no result, exit ${code}: ${stderr}`);
  const result = labResult.parse(JSON.parse(stdout));
  const last = result.steps.at(-1);
  const told = `${last?.id}: ${last?.observed}`;
  return { code, result, last, told };
}

describe('remote access', { concurrency: 2 }, () => {
  for (const option of ['nat', 'static-route']) {
    test(`works with ${option}`, async () => {
      const { code, result, last, told } = await lab('--option', option);
      assert.ok(result.passed, told);
      assert.equal(code, 0);
      assert.equal(last?.id, 'RA-22');
    });
  }

  const faults: [string, string, RegExp][] = [
    ['FWD-OFF', 'RA-11', /FWD-OFF: .*ip_forward is 0/],
    ['NAT-OFF-NO-ROUTE', 'RA-15', /NAT-OFF-NO-ROUTE: .*no route to 100\.96\.0\.0\/11/],
  ];
  for (const [code, step, reason] of faults) {
    test(`with ${code} it fails at ${step} and says so`, async () => {
      const { code: exit, result, last, told } = await lab('--fault', code);
      assert.equal(result.passed, false);
      assert.equal(exit, 1);
      assert.equal(last?.id, step, told);
      assert.match(last?.observed ?? '', reason);
    });
  }
});
