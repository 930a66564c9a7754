import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationText } from './explanation-text.ts';

test('a walk-through names each machine, its packets and what NAT changed, and nothing raw reaches the terminal', () => {
  const packet = (source: string, destination: string) => ({
    protocol: 'tcp' as const,
    source,
    sourcePort: 49_152,
    destination,
    destinationPort: 443,
  });
  const step = { evidence: 'config', observedAt: null, quote: null, cause: null } as const;
  const text = explanationText({
    forward: {
      ending: 'dropped',
      hops: [
        {
          node: { kind: 'device', id: 'device:1', label: 'bob\u001b[31m/laptop' },
          in: null,
          out: 'tunnel',
          tutorial: ['RA-9'],
          steps: [
            { ...step, stage: 'originate', result: 'pass', detail: 'it is made', packet: packet('100.96.16.1', '10.0.0.20') },
          ],
        },
        {
          node: { kind: 'connector', id: 'connector:1', label: 'hq-1' },
          in: 'causeway0',
          out: null,
          tutorial: [],
          steps: [
            { ...step, stage: 'nat', result: 'change', detail: 'hidden', packet: packet('10.0.0.10', '10.0.0.20') },
            { ...step, stage: 'neighbour', result: 'drop', detail: 'nobody\nthere', packet: null },
          ],
        },
      ],
    },
    reverse: null,
  });
  assert.match(text, /^1\. device bob.*\/laptop\n {3}packet tcp 100\.96\.16\.1:49152 > 10\.0\.0\.20:443\n/);
  assert.match(text, /RA-9: The server is in a network/);
  assert.match(text, /2\. connector hq-1\n.*\n {3}NAT: hidden\n {3}- nobody/);
  assert.doesNotMatch(text, /\u001b/);
});
