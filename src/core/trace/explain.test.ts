import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFlow } from './check-flow.ts';
import { explain, explainText, packetText } from './explain.ts';
import { bob, flow, hrServer, tutorialInput } from './testing/tutorial-wpc.ts';
import { tutorialTexts } from './tutorial-texts.ts';

test('remote access is told packet by packet: NAT on the way there, put back on the way back', () => {
  const hops = explain(checkFlow(tutorialInput(), flow(bob, hrServer)));
  const told = hops.map(({ direction, node, arrives, leaves }) => [
    direction,
    node.kind,
    packetText(arrives),
    leaves === null ? null : packetText(leaves),
  ]);
  const asked = `tcp ${bob}:49152 > ${hrServer}:443`;
  const hidden = `tcp 10.0.0.10:49152 > ${hrServer}:443`;
  const answer = `tcp ${hrServer}:443 > 10.0.0.10:49152`;
  const back = `tcp ${hrServer}:443 > ${bob}:49152`;
  assert.deepEqual(told, [
    ['forward', 'device', asked, asked],
    ['forward', 'gateway', asked, asked],
    ['forward', 'connector', asked, hidden],
    ['forward', 'host', hidden, null],
    ['reverse', 'host', answer, answer],
    ['reverse', 'connector', answer, back],
    ['reverse', 'gateway', back, back],
    ['reverse', 'device', back, null],
  ]);
  assert.deepEqual(
    hops.map(({ number }) => number),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const text = explainText(hops);
  assert.match(text, /3\. connector .*\n {3}packet .*, leaves as tcp 10\.0\.0\.10:49152/);
  assert.match(text, /RA-18: Option 2: NAT\./);
});

test('every step of the tutorial that a hop names has its text', () => {
  for (const nat of ['masquerade', 'routed'] as const) {
    for (const question of [flow(bob, hrServer), flow(hrServer, '192.168.0.20' as typeof hrServer)]) {
      const { forward, reverse } = checkFlow(tutorialInput({ nat }), question);
      for (const { tutorial } of [...forward.hops, ...(reverse?.hops ?? [])]) {
        for (const step of tutorial) assert.ok(step in tutorialTexts, step);
      }
    }
  }
});
