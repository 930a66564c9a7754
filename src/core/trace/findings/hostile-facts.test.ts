import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AddressText } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import { platformIds } from '../../platforms/catalogue.ts';
import type { Cause, Facts } from '../cause.ts';
import { findingCodes } from '../finding-code.ts';
import { findingsOf } from './findings-of.ts';
import { exampleCause, exampleContext } from './test-examples.ts';
import { checkWith } from './test-check.ts';

/** What a machine, a cloud or an operator may have called something so that it does more than be shown. */
const words = [
  '"; reboot #',
  "'; reboot #",
  '$(reboot)',
  '`reboot`',
  'a\nreboot',
  '-o ProxyCommand=reboot',
  'a b\u0000reboot',
  '\u001b[2Jreboot',
  '\u202ereboot',
  '../../reboot',
  '${reboot}',
  'x | reboot',
  'eth0;reboot',
  'net/ipv4/conf/$(reboot)/rp_filter',
  '{reboot}',
  '%{reboot}',
];

const hostile = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => `${text}; reboot`),
);

const platform = fc.option(fc.constantFrom(...platformIds), { nil: undefined });

/** Every text hostile at once, whatever its type promises. */
const facts: fc.Arbitrary<Facts> = fc.tuple(hostile, hostile, hostile, platform, fc.boolean()).map(
  ([one, two, three, id, keepsAddresses]): Facts => ({
    ...(keepsAddresses ? {} : { source: one as AddressText, destination: two as AddressText, prefix: three as PrefixText }),
    protocol: two,
    port: Number.NaN,
    prefixes: [one as PrefixText],
    nextHop: one as AddressText,
    interface: one,
    tunnelInterface: two,
    lanAddress: three as AddressText,
    routerAddress: one as AddressText,
    networkName: two,
    networkId: one,
    connectorId: three,
    connectorName: one,
    userGroupId: two,
    ...(id === undefined ? {} : { platform: id }),
    parameters: { interface: one, routeTables: two, networkInterface: three, resourceGroup: one, constructor: one },
    sysctl: three,
    value: one,
    wanted: two,
    family: 'inet',
    table: one,
    chain: two,
    rule: three,
    handle: -1,
    mtu: Number.POSITIVE_INFINITY,
    bytes: Number.NaN,
    resource: three,
    observation: one,
  }),
);

describe('hostile texts', () => {
  it('reach no command, no undo, no verification, no Terraform and no action, whatever the code', () => {
    fc.assert(
      fc.property(fc.constantFrom(...findingCodes), facts, hostile, fc.boolean(), (code, given, label, keeps) => {
        const known = exampleCause(code);
        const cause: Cause = {
          code,
          object: { ...known.object, id: label, label },
          facts: keeps ? { ...known.facts, ...given } : given,
        };
        const [finding] = findingsOf(checkWith('forward', cause), [], exampleContext);
        assert.ok(finding !== undefined);
        for (const fix of finding.fixes) {
          const run = [...fix.commands, ...fix.undo, ...fix.verify, fix.terraform ?? '', JSON.stringify(fix.action)].join('\n');
          assert.ok(!withoutLabels(run).includes('reboot'), run);
          for (const line of [...fix.commands, ...fix.undo, ...fix.verify]) assert.ok(!/[\n\r]/.test(line), line);
        }
        for (const sentence of [finding.title, finding.explanation, ...finding.fixes.flatMap(sentencesOf)]) {
          assert.ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(sentence), JSON.stringify(sentence));
          assert.ok(sentence.length < 2_000, sentence);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('stay readable where they are harmless', () => {
    const known = exampleCause('FWD-OFF');
    const [finding] = findingsOf(null, [{ ...known, object: { ...known.object, label: 'Zürich "Süd"' } }], exampleContext);
    assert.equal(finding?.title, 'Connector "Zürich "Süd"" does not forward packets');
  });
});

/** A network's name stands in a comment, reduced to letters and blanks; as an argument of our own command it is in quotes and plain. */
function withoutLabels(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^(?:#|!|;|\/\/|::|REM) ?.*Causeway: routes of the network/.test(line.trim()))
    .join('\n');
}

function sentencesOf({
  title,
  where,
  console: steps,
  risk,
  betterWhen,
}: {
  readonly title: string;
  readonly where: string;
  readonly console: readonly string[];
  readonly risk: string;
  readonly betterWhen: string;
}): readonly string[] {
  return [title, where, ...steps, risk, betterWhen];
}
