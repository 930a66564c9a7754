import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ObservedMachine } from '../input.ts';
import { needed } from './known.ts';
import type { LinuxHost } from './linux-host.ts';
import { readLinuxHost } from './linux-host.ts';
import type { Recorded } from './test-golden-hosts.ts';
import { goldenHosts, linkCommandsOfGolden } from './test-golden-hosts.ts';
import { decide, difference } from './test-kernel-comparison.ts';
import { KernelHost } from './test-kernel-host.ts';

/** Quotes of rules and routes are the lines that a person sees; words that decide nothing are left out on both sides. */
function printedLines(kernel: KernelHost): readonly string[] {
  return kernel
    .shell('ip rule; ip -6 rule; ip -4 route show table all; ip -6 route show table all')
    .replaceAll(/ *\n\tnexthop/g, ' nexthop')
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/ pref (?:low|medium|high)/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
    .toSorted();
}

function quotedLines({ rules, routes }: LinuxHost): readonly string[] {
  return ([4, 6] as const)
    .flatMap((family) => [
      ...needed(rules[family]).map(({ text }) => text),
      ...needed(routes[family]).routes.map(({ text }) => text),
    ])
    .toSorted();
}

/** Of the kernel's version what matters, not whose build it is. */
function bodyOf(machine: ObservedMachine, section: string): string {
  const body = machine.sections.get(section)?.body.trim() ?? '';
  return section === 'agent' ? body.replace(/^(kernel=\d+\.\d+).*$/m, '$1') : body;
}

const kept = ['agent', 'addr', 'rule', 'rule6', 'route', 'route6', 'neigh', 'sysctl'];

describe('the golden hosts, made in this kernel', () => {
  for (const { name, commands, settings, cases } of goldenHosts) {
    it(`${name}: model and kernel agree`, () => {
      using kernel = new KernelHost();
      kernel.configure(linkCommandsOfGolden);
      kernel.shell(settings.map((line) => `echo ${line.replace(/^(.*)=(.*)$/, '$2 >/proc/sys/net/$1')}`).join('\n'));
      const refused = kernel.configure(commands);
      assert.equal(refused, '');
      const machine = kernel.observe();
      const answers = kernel.ask(cases.map(({ question }) => question));
      if (process.env['KEEP'] === '1') {
        const sections = Object.fromEntries(kept.map((section) => [section, bodyOf(machine, section)]));
        const recorded: Recorded = { sections, answers };
        writeFileSync(join(import.meta.dirname, 'golden', `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
      }
      const host = readLinuxHost(machine);
      const different = cases.flatMap(({ name: what, question }, index) => {
        const answer = answers[index];
        assert.ok(answer !== undefined);
        const problem = difference(question, decide(host, question), answer);
        return problem === undefined ? [] : [`${what}: ${problem}`];
      });
      assert.deepEqual(different, []);
      assert.deepEqual(quotedLines(host), printedLines(kernel));
    });
  }
});
