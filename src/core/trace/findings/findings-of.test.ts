import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cause } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import { findingCodes } from '../finding-code.ts';
import type { Finding } from './finding.ts';
import { findingsOf } from './findings-of.ts';
import { exampleCause, exampleContext } from './test-examples.ts';
import { checkWith } from './test-check.ts';

function found(codes: readonly FindingCode[]): readonly Finding[] {
  return findingsOf(null, codes.map(exampleCause), exampleContext);
}

const at = (network: string, code: FindingCode): Cause => {
  const cause = exampleCause(code);
  return { ...cause, object: { ...cause.object, id: network }, facts: { ...cause.facts, networkId: network } };
};

describe('findingsOf', () => {
  it('says where the fault is met, in the words of the machine', () => {
    const [finding] = findingsOf(checkWith('reverse', exampleCause('FWD-IFACE')), [], exampleContext);
    assert.equal(finding?.code, 'FWD-IFACE');
    assert.equal(finding.direction, 'reverse');
    assert.equal(finding.hop?.label, 'hq-1');
    assert.equal(finding.quote, 'as the machine says');
    assert.equal(finding.severity, 'error');
    assert.equal(finding.origin, 'inbound');
    assert.deepEqual(finding.tutorial, ['RA-20']);
  });

  it('puts the root cause first and says what it explains', () => {
    const [first, second] = found(['NAT-OFF-NO-ROUTE', 'FWD-OFF']);
    assert.deepEqual([first?.code, first?.hides, first?.hiddenBy], ['FWD-OFF', ['NAT-OFF-NO-ROUTE'], null]);
    assert.deepEqual([second?.code, second?.hides, second?.hiddenBy], ['NAT-OFF-NO-ROUTE', [], 'FWD-OFF']);
  });

  it('explains by way of what is not there itself, and names the root', () => {
    const findings = found(['VPC-NO-ROUTE', 'SDC-ON', 'AZ-POLICY-DENY']);
    assert.deepEqual(
      findings.map(({ code, hiddenBy }) => [code, hiddenBy]),
      [
        ['AZ-POLICY-DENY', null],
        ['SDC-ON', 'AZ-POLICY-DENY'],
        ['VPC-NO-ROUTE', 'AZ-POLICY-DENY'],
      ],
    );
    assert.equal(found(['VPC-NO-ROUTE', 'AZ-POLICY-DENY'])[1]?.hiddenBy, 'AZ-POLICY-DENY');
  });

  it('explains nothing of another site', () => {
    const findings = findingsOf(null, [at('a', 'FWD-OFF'), at('b', 'NAT-OFF-NO-ROUTE')], exampleContext);
    assert.deepEqual(
      findings.map(({ hiddenBy }) => hiddenBy),
      [null, null],
    );
  });

  it('makes one finding of one fault that both directions meet', () => {
    const cause = exampleCause('FWD-OFF');
    const other: Cause = { ...cause, facts: { ...cause.facts, interface: 'lan0' } };
    assert.equal(findingsOf(checkWith('forward', cause), [other], exampleContext).length, 1);
    const elsewhere: Cause = { ...cause, object: { ...cause.object, id: 'another' } };
    assert.equal(findingsOf(checkWith('forward', cause), [elsewhere], exampleContext).length, 2);
  });

  it('puts what ends the packet before what only may go wrong, which is no error', () => {
    const check = checkWith('forward', exampleCause('SRV-FIREWALL'), [exampleCause('RPF-STRICT')]);
    const findings = findingsOf(check, [], exampleContext);
    assert.deepEqual(
      findings.map(({ code, severity }) => [code, severity]),
      [
        ['SRV-FIREWALL', 'error'],
        ['RPF-STRICT', 'warning'],
      ],
    );
  });

  it('takes what explains an error for one', () => {
    assert.deepEqual(
      found(['CON-UDP-BLOCKED']).map(({ severity }) => severity),
      ['warning'],
    );
    assert.deepEqual(
      found(['CON-OFFLINE', 'CON-UDP-BLOCKED']).map(({ code, severity }) => [code, severity]),
      [
        ['CON-UDP-BLOCKED', 'error'],
        ['CON-OFFLINE', 'error'],
      ],
    );
  });

  it('is quiet where no step has a cause', () => {
    const { forward } = checkWith('reverse', exampleCause('FWD-OFF'));
    assert.deepEqual(findingsOf({ forward, reverse: forward }, [], exampleContext), []);
  });

  it('is deterministic, loses nothing, and relates only what is there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...findingCodes), { maxLength: 12 }), (codes) => {
        const findings = found(codes);
        assert.deepEqual(found(codes), findings);
        assert.deepEqual(findings.map(({ code }) => code).toSorted(), codes.toSorted());
        const byCode = new Map(findings.map((finding) => [finding.code, finding]));
        for (const { code, hides, hiddenBy } of findings) {
          for (const hidden of hides) assert.ok(byCode.has(hidden) && hidden !== code);
          if (hiddenBy === null) continue;
          assert.ok(byCode.get(hiddenBy)?.hides.includes(code), `${hiddenBy} does not explain ${code}`);
          assert.equal(byCode.get(hiddenBy)?.hiddenBy, null);
        }
        const firstHidden = findings.findIndex(({ hiddenBy }) => hiddenBy !== null);
        if (firstHidden !== -1) assert.ok(findings.slice(firstHidden).every(({ hiddenBy }) => hiddenBy !== null));
      }),
      { numRuns: 300 },
    );
  });
});
