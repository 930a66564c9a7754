import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readLinuxHost } from './linux-host.ts';
import { summaryOf } from './test-decision-summary.ts';
import type { Recorded } from './test-golden-hosts.ts';
import { goldenHosts } from './test-golden-hosts.ts';
import { decide, difference } from './test-kernel-comparison.ts';

for (const { name, cases } of goldenHosts) {
  describe(`golden host ${name}`, () => {
    const { sections, answers } = JSON.parse(
      readFileSync(join(import.meta.dirname, 'golden', `${name}.json`), 'utf8'),
    ) as Recorded;
    const observedAt = '2026-01-01T00:00:00Z';
    const host = readLinuxHost({
      sections: new Map(Object.entries(sections).map(([section, body]) => [section, { body, observedAt }])),
    });
    for (const [index, { name: what, question, expected }] of cases.entries()) {
      it(what, () => {
        const decision = decide(host, question);
        assert.equal(summaryOf(decision), expected);
        const answer = answers[index];
        assert.ok(answer !== undefined, 'the kernel was asked');
        assert.equal(difference(question, decision, answer), undefined);
      });
    }
  });
}
