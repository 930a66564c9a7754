import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { confidences, endings, evidences, nodeKinds, stages, stepResults, verdicts } from './words.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'tracing.md'), 'utf8');

/** The rows `| \`word\` | sentence |` below a heading, in their order. */
function listBelow(heading: string): readonly (readonly [string, string])[] {
  const section = page.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? '';
  return [...section.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, word = '', sentence = '']) => [word, sentence]);
}

const lists = {
  Verdicts: verdicts,
  Endings: endings,
  Confidence: confidences,
  Machines: nodeKinds,
  Stages: stages,
  'Results of a step': stepResults,
  Evidence: evidences,
};

for (const [heading, words] of Object.entries(lists)) {
  test(`docs/tracing.md says of ${heading.toLowerCase()} what the code says, no word more or less`, () => {
    assert.deepEqual(listBelow(heading), Object.entries(words));
  });
}
