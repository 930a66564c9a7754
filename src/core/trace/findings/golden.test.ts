import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FindingCode } from '../finding-code.ts';
import { catalogue, themes } from './catalogue.ts';
import type { Finding, Fix } from './finding.ts';
import { codesOfTheme, findingsPage } from './findings-page.ts';
import { findingsOf } from './findings-of.ts';
import { exampleAt, exampleCause, exampleContext, examples } from './test-examples.ts';
import { checkWith } from './test-check.ts';

const directory = join(import.meta.dirname, 'golden');
const page = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'findings.md');
const renew = process.env['RENEW_GOLDEN'] === '1';
const names = Object.keys(themes) as (keyof typeof themes)[];
const otherClouds = 'at-each-cloud.txt';

function exampleFinding(code: FindingCode): Finding {
  const { direction } = examples[code];
  const cause = exampleCause(code);
  const [finding] =
    direction === null ? findingsOf(null, [cause], exampleContext) : findingsOf(checkWith(direction, cause), [], exampleContext);
  assert.ok(finding !== undefined);
  return finding;
}

function exampleOf(code: FindingCode) {
  return { cause: exampleCause(code), fixes: exampleFinding(code).fixes };
}

function goldenText(name: keyof typeof themes): string {
  return codesOfTheme(name)
    .map((code) => findingText(exampleFinding(code)))
    .join('\n');
}

const clouds = ['aws', 'azure', 'gcp', 'oci'] as const;
const cloudCodes = ['SDC-ON', 'VPC-BLACKHOLE', 'VPC-WRONG-TABLE', 'SG-DENY', 'NACL-EPHEMERAL'] as const;

/** What is written for each cloud where it is another than the example's. */
function cloudText(): string {
  return clouds
    .flatMap((cloud) =>
      cloudCodes.map((code) => {
        const fixes = catalogue[code].fixes(exampleAt(code, cloud), exampleContext, examples[code].direction);
        return `######## ${code} at ${cloud}\n${fixes.map(fixText).join('\n')}`;
      }),
    )
    .join('\n');
}

function findingText({ code, severity, title, explanation, origin, direction, tutorial, fixes }: Finding): string {
  return [
    `######## ${code}`,
    `${severity}, ${direction ?? 'no direction'}, ${origin}${tutorial.length === 0 ? '' : `, ${tutorial.join(' ')}`}`,
    title,
    explanation,
    '',
    ...fixes.map(fixText),
  ].join('\n');
}

function fixText(fix: Fix): string {
  const part = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [`---- ${title}`, ...lines]);
  return [
    `==== ${fix.title} [${fix.platform}, ${fix.evidence}, ${fix.canApply}]`,
    fix.where,
    ...part('better when', fix.betterWhen === '' ? [] : [fix.betterWhen]),
    ...part('by hand', fix.console),
    ...part('commands', fix.commands),
    ...part('terraform', fix.terraform === null ? [] : [fix.terraform.trimEnd()]),
    ...part('undo', fix.undo),
    ...part('verify', fix.verify),
    ...part('risk', fix.risk === '' ? [] : [fix.risk]),
    ...part('action', fix.action === null ? [] : [JSON.stringify(fix.action)]),
    '',
  ].join('\n');
}

if (renew) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const name of names) writeFileSync(join(directory, `${name}.txt`), goldenText(name));
  writeFileSync(join(directory, otherClouds), cloudText());
  writeFileSync(page, findingsPage(exampleOf));
}

for (const name of names) {
  test(`findings of ${name} are what golden/${name}.txt shows`, () => {
    assert.equal(goldenText(name), readFileSync(join(directory, `${name}.txt`), 'utf8'));
  });
}

test(`fixes at each cloud are what golden/${otherClouds} shows`, () => {
  assert.equal(cloudText(), readFileSync(join(directory, otherClouds), 'utf8'));
});

test('golden/ has a file for every theme, one for clouds, and no other', () => {
  const wanted = [...names.map((name) => `${name}.txt`), otherClouds];
  assert.deepEqual(globSync('*', { cwd: directory }).toSorted(), wanted.toSorted());
});

test('docs/findings.md says what the catalogue says', () => {
  assert.equal(readFileSync(page, 'utf8'), findingsPage(exampleOf));
});
