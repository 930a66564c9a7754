import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Address } from '../../ip/address.ts';
import type { LinuxHost } from './linux-host.ts';
import { readLinuxHost } from './linux-host.ts';
import { decide, difference } from './test-kernel-comparison.ts';
import { KernelHost, routeGet } from './test-kernel-host.ts';
import { hostCommands, linkCommands, Random, randomQuestion, sysctlScript } from './test-random-host.ts';

const hosts = 16;
const questionsPerHost = 400;
const firstSeed = Number(process.env['SEED'] ?? 1);

describe('the model of Linux and the kernel', () => {
  it('agree about random packets on random hosts', (context) => {
    const counts: Record<string, number> = {};
    const unknown: Record<string, number> = {};
    const different: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + hosts; seed++) {
      for (const { kind, reason, problem } of compareOne(seed)) {
        const key = reason === undefined ? kind : `${kind} ${kind === 'unknown' ? '' : reason}`.trim();
        counts[key] = (counts[key] ?? 0) + 1;
        if (kind === 'unknown') unknown[reason ?? ''] = (unknown[reason ?? ''] ?? 0) + 1;
        if (problem !== undefined) different.push(problem);
      }
    }
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const parts = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
    context.diagnostic(
      `${String(total)} look-ups on ${String(hosts)} hosts, ${String(different.length)} differ: ${parts.map(([key, count]) => `${key} ${String(count)}`).join(', ')}`,
    );
    context.diagnostic(
      `not decided: ${Object.entries(unknown)
        .map(([reason, count]) => `${String(count)} ${reason}`)
        .join('; ')}`,
    );
    assert.deepEqual(different, []);
    assert.ok(total - (counts['unknown'] ?? 0) >= 5000, 'at least 5,000 decisions are compared');
    assert.ok((counts['unknown'] ?? 0) < total / 20, `too many are unknown: ${JSON.stringify(unknown)}`);
  });
});

type Compared = { readonly kind: string; readonly reason: string | undefined; readonly problem: string | undefined };

function compareOne(seed: number): readonly Compared[] {
  const random = new Random(seed);
  using kernel = new KernelHost();
  kernel.configure(linkCommands);
  // Settings first: that legs without carrier are left out is worked out when a leg loses its carrier, not when the setting changes.
  kernel.shell(sysctlScript(random));
  kernel.configure(hostCommands(random));
  // Carrier is told to routes a little later; what is compared is what held before and after.
  for (let attempt = 0; attempt < 5; attempt++) {
    const machine = kernel.observe();
    const host = readLinuxHost(machine);
    const questions = Array.from({ length: questionsPerHost }, () =>
      randomQuestion(random, addressesOf(host), upInterfaces(host)),
    );
    const answers = kernel.ask(questions);
    if (!kernel.isStill(machine)) continue;
    return questions.map((question, index) => {
      const decision = decide(host, question);
      const answer = answers[index];
      assert.ok(answer !== undefined);
      const problem = difference(question, decision, answer);
      return {
        kind: decision.kind,
        reason: 'reason' in decision ? decision.reason : undefined,
        problem: problem === undefined ? undefined : `seed ${String(seed)}: ip ${routeGet(question)}: ${problem}`,
      };
    });
  }
  return assert.fail(`the routes of host ${String(seed)} do not come to rest`);
}

function addressesOf(host: LinuxHost): readonly Address[] {
  return host.interfaces.known
    ? [...host.interfaces.value.values()].flatMap((one) => one.addresses.map(({ address }) => address))
    : [];
}

function upInterfaces(host: LinuxHost): readonly string[] {
  return host.interfaces.known
    ? [...host.interfaces.value.values()].flatMap(({ name, up, loopback }) => (up && !loopback ? [name] : []))
    : [];
}
