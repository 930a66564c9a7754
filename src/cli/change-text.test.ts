import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../contract/api/change.ts';
import { changeListText, changeText } from './change-text.ts';

const at = '2026-11-27T12:00:00.000Z';
const change: Change = {
  revision: 42,
  at,
  who: { kind: 'api-credential', id: 'i', name: 'terra\u001b[2Jform', sourceAddress: '192.0.2.7', requestId: 'r' },
  did: [{ action: 'created', entity: 'network-route', entityId: 'e', name: '10.9.0.0/16', before: null, after: {} }],
  cameOfIt: [],
  gateways: [
    {
      gateway: 'fra',
      state: 'applied',
      by: 43,
      receivedAt: at,
      appliedAt: at,
      tookMs: 14.4,
      steps: { route: 1 },
      commands: ['route replace x'],
    },
    { gateway: 'mia', state: 'waiting', by: null, receivedAt: null, appliedAt: null, tookMs: null, steps: {}, commands: [] },
  ],
  connectors: { have: 1, all: 2, first: [{ id: 'c', name: 'hq-1', at }] },
};

test('a change is told from who asked to the kernels, and what has it not is plain to see', () => {
  assert.equal(
    changeText(change),
    `change 42 of ${at}

Asked for by
  who      api-credential terra\\u{1b}[2Jform
  from     192.0.2.7
  request  r

Did
  network-route created  10.9.0.0/16 (e)

Gateways
  fra  applied  ${at} as revision 43, 14 ms after it came (${at})
       kernel   route 1
                route replace x
  mia  WAITING  its kernel does not have it yet, or it has not said so

Connectors
  1 of 2 have it
  hq-1            ${at}
`,
  );
});

test('the list is a line for each', () => {
  const did = ['network created', 'a b', 'c d', 'e f'];
  assert.equal(
    changeListText({ changes: [{ revision: 42, at, who: 'bob', requestId: null, did }] }),
    `  CHANGE  WHEN                      WHO  DID\n  42      ${at}  bob  network created, a b, c d and 1 more\n`,
  );
  assert.equal(changeListText({ changes: [] }), 'Nothing was changed yet.\n');
});
