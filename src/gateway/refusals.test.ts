import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionReport } from '../contract/gateway.ts';
import type { EndpointId, Serial } from '../core/ids.ts';
import type { RefusalReason } from './decision.ts';
import { ProfileUse } from './profile-use.ts';
import type { Refused } from './refusals.ts';
import { Refusals } from './refusals.ts';

const known = '00000000-0000-4000-8000-000000000001' as EndpointId;

function refusals() {
  const said: string[] = [];
  const reports: SessionReport[] = [];
  const profileUse = new ProfileUse();
  const told = new Refusals({
    profileUse,
    nameOf: () => 'device "bob"',
    report: (refused) => reports.push(refused),
    log: { info: (message) => said.push(message), warn: (message) => said.push(message) },
  });
  return { told, said, reports, problems: (now: number) => profileUse.problems(now, () => 'bob') };
}

function refused(reason: RefusalReason, endpoint: EndpointId | null, serial = 'a'.repeat(32)): Refused {
  return {
    lane: 'u0',
    daemon: 'u0',
    cid: 7,
    identity: { serial: serial as Serial, clientAddress: '203.0.113.9', peer: {} },
    refusal: { kind: 'refuse', reason, endpoint, clientText: 'no' },
  };
}

describe('Refusals', () => {
  it('tells of one endpoint and reason once a minute, from the very first time of the clock on', () => {
    const { told, said, reports } = refusals();
    for (const now of [0, 59_999, 60_000]) told.add(refused('endpoint-suspended', known), now);
    told.add(refused('lane-of-another', known), 60_000);
    assert.deepEqual(said, [
      'refused device "bob" from 203.0.113.9 on lane u0: endpoint-suspended',
      'refused device "bob" from 203.0.113.9 on lane u0: endpoint-suspended',
      'refused device "bob" from 203.0.113.9 on lane u0: lane-of-another',
    ]);
    assert.deepEqual(
      reports.map(({ endpoint, reason }) => [endpoint, reason]),
      [
        [known, 'endpoint-suspended'],
        [known, 'endpoint-suspended'],
        [known, 'lane-of-another'],
      ],
    );
  });

  it('names a stranger by its serial, and the controller is not told of it', () => {
    const { told, said, reports } = refusals();
    told.add(refused('certificate-unknown', null), 0);
    assert.match(said[0] ?? '', /^refused serial a{32} from/);
    assert.deepEqual(reports, []);
  });

  it('notes each time that a profile was in use elsewhere, also when that is not told again', () => {
    const { told, said, problems } = refusals();
    for (const now of [0, 50_000]) told.add(refused('in-use-elsewhere', known), now);
    assert.equal(said.length, 1);
    assert.match(problems(100_000)[0]?.message ?? '', /two machines \(203\.0\.113\.9\); the second one is held off/);
  });

  it('forgets whom it told before it remembers without bound', () => {
    const { told, said } = refusals();
    const stranger = (index: number) => refused('certificate-unknown', null, index.toString(16).padStart(32, '0'));
    for (let index = 0; index <= 10_000; index += 1) told.add(stranger(index), 0);
    told.add(stranger(0), 1);
    assert.equal(said.length, 10_002);
  });
});
