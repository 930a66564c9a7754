import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sessionRoutes } from '../../contract/api/session.ts';
import type { TestController } from '../test-controller.ts';
import type { IssuingController } from './test-api.ts';
import { call, issuingController, refusal, reportSession } from './test-api.ts';

const hour_ms = 3_600_000;
const now = Date.now();
const ago = (hours: number) => new Date(now - hours * hour_ms);
const iso = (hours: number) => ago(hours).toISOString();
const connector = '00000000-0000-4000-8000-000000000001';
const device = '00000000-0000-4000-8000-000000000002';
const user = '00000000-0000-4000-8000-000000000003';

let issuing: IssuingController;
let controller: TestController;
const ids: Record<string, string> = {};
before(async () => {
  issuing = await issuingController();
  ({ controller } = issuing);
  ids['long'] = await reportSession(issuing, { connector }, { state: 'established', startedAt: ago(40 * 24) });
  ids['old'] = await reportSession(issuing, { connector }, { state: 'ended', startedAt: ago(40 * 24), endedAt: ago(35 * 24) });
  ids['done'] = await reportSession(issuing, { device, user }, { state: 'ended', startedAt: ago(30), endedAt: ago(10) });
  ids['refused'] = await reportSession(issuing, { device, user }, { state: 'refused', startedAt: ago(5), endedAt: ago(5) });
  ids['live'] = await reportSession(issuing, { device, user }, { state: 'established', startedAt: ago(1) });
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

async function names(query: Record<string, string>): Promise<(string | undefined)[]> {
  const { sessions } = await call(controller, sessionRoutes.list, { query: { size: '100', ...query } });
  return sessions.map(({ sessionId }) => Object.keys(ids).find((name) => ids[name] === sessionId));
}

test('a session in the vendor shape', async () => {
  const { sessions, nextCursor } = await call(controller, sessionRoutes.list, { query: { size: '1' } });
  assert.ok(nextCursor !== undefined);
  assert.deepEqual(sessions, [
    {
      sessionId: ids['live'],
      userId: user,
      deviceId: device,
      regionId: 'eu-central-1',
      bytesIn: 10,
      bytesOut: 20,
      connectorName: '',
      userName: 'bob',
      deviceName: 'laptop',
      clientIp: '203.0.113.7',
      startDateTime: iso(1),
      vpnIpv4: '100.96.0.100',
      networkName: '',
      regionName: 'Frankfurt',
      connectionStatus: 'ONLINE',
    },
  ]);
});

describe('which sessions', () => {
  const table: [string, Record<string, string>, string[]][] = [
    ['the last 30 days, newest first, with what is still up', {}, ['live', 'refused', 'done', 'long']],
    ['ACTIVE', { status: 'ACTIVE' }, ['live', 'long']],
    ['COMPLETED', { status: 'COMPLETED' }, ['done']],
    ['FAILED', { status: 'FAILED' }, ['refused']],
    ['what was up in a window', { startDate: iso(20), endDate: iso(3) }, ['refused', 'done', 'long']],
    ['what began in a window', { startDate: iso(20), endDate: iso(3), returnOnlyNew: 'true' }, ['refused']],
    ['the end is exclusive', { endDate: iso(1) }, ['refused', 'done', 'long']],
    ['the start is inclusive', { startDate: iso(1), returnOnlyNew: 'true' }, ['live']],
    ['another time zone', { startDate: ago(1).toISOString().replace('Z', '+00:00'), returnOnlyNew: 'true' }, ['live']],
    [
      'empty parameters are not given',
      { startDate: '', endDate: '', status: '', cursor: '' },
      ['live', 'refused', 'done', 'long'],
    ],
  ];
  for (const [name, query, expected] of table) test(name, async () => assert.deepEqual(await names(query), expected));
});

test('the cursor walks the whole list, nextCursor is absent at the end, and what begins meanwhile shifts nothing', async () => {
  const walked: string[] = [];
  let cursor: string | undefined;
  do {
    const { sessions, nextCursor } = await call(controller, sessionRoutes.list, {
      query: { size: '1', ...(cursor === undefined ? {} : { cursor }) },
    });
    walked.push(...sessions.map(({ sessionId }) => sessionId));
    if (walked.length === 1)
      await reportSession(issuing, { device, user }, { state: 'ended', startedAt: new Date(), endedAt: new Date() });
    cursor = nextCursor;
  } while (cursor !== undefined);
  assert.deepEqual(walked, [ids['live'], ids['refused'], ids['done'], ids['long']]);
});

describe('refused', () => {
  const table: [string, Record<string, string>, string, RegExp][] = [
    ['no size', {}, 'size', /.+/],
    ['size 0', { size: '0' }, 'size', /at least 1/],
    ['size 101', { size: '101' }, 'size', /at most 100/],
    ['a start more than 30 days back', { size: '1', startDate: iso(31 * 24) }, 'startDate', /more than 30 days back/],
    ['a start that is no instant', { size: '1', startDate: 'yesterday' }, 'startDate', /an instant such as/],
    ['an unknown status', { size: '1', status: 'UP' }, 'status', /ACTIVE, COMPLETED, FAILED/],
    ['a cursor that is none', { size: '1', cursor: 'abc' }, 'cursor', /not a place in this list/],
  ];
  for (const [name, query, field, message] of table) {
    test(name, async () => {
      const refused = await refusal(controller, sessionRoutes.list, { query });
      assert.deepEqual([refused.status, refused.field], [400, field]);
      assert.match(refused.message, message);
    });
  }
});
