import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatAddress, strictAddress } from '../core/ip/address.ts';
import { probeAnswers } from '../core/trace/probe.ts';
import type { AgentRequest } from './agent-request.ts';
import { formatAgentRequest, longestAnswers, parseAgentAnswers } from './agent-request.ts';
import { withRequest } from './connector-agent.ts';

const target = formatAddress(strictAddress('10.0.0.20'));
const request: AgentRequest = {
  id: '11111111-2222-4333-8444-555555555555',
  limit_s: 2,
  probes: [
    { kind: 'lan', protocol: 'tcp', target, port: 443, bytes: null },
    { kind: 'via-router', protocol: 'icmp', target, port: null, bytes: 1400 },
  ],
  actions: [{ kind: 'forget-flows' }],
  observe: true,
};

describe('a request to a connector’s agent', () => {
  it('is written in lines of words, before the end of the desired state', () => {
    assert.equal(
      withRequest('revision 7\nend\n', formatAgentRequest(request)),
      `revision 7\nask ${request.id} 2\nprobe 0 lan tcp 10.0.0.20 443 -\nprobe 1 via-router icmp 10.0.0.20 - 1400\nact 2 forget-flows\nobserve\nend\n`,
    );
    assert.equal(withRequest('revision 7\nend\n', ''), 'revision 7\nend\n');
  });

  it('is answered in any order, once for each question', () => {
    assert.deepEqual(parseAgentAnswers('2 done 3 flows\n0 answered Connected\n1 silent\n', request), {
      kind: 'answers',
      probes: [
        { answer: 'answered', quote: 'Connected' },
        { answer: 'silent', quote: '' },
      ],
      actions: [{ done: true, words: '3 flows' }],
    });
    assert.deepEqual(parseAgentAnswers('observed\n', request), { kind: 'observed' });
    assert.equal(parseAgentAnswers('observed\n', { ...request, observe: false }).kind, 'malformed');
    assert.deepEqual(parseAgentAnswers('refuse too often\n', request), { kind: 'refused', words: 'too often' });
    assert.deepEqual(parseAgentAnswers('0 answered\n1 silent\n2 done\n2 done\n', request), {
      kind: 'malformed',
      problem: 'question 2 is answered twice',
    });
  });

  it('never takes anything else from an answer, and nothing that is not printable', () => {
    const word = fc.constantFrom(...probeAnswers, 'done', 'failed', 'observed', 'refuse', 'x');
    const line = fc.oneof(
      fc
        .tuple(fc.nat({ max: 9 }), word, fc.string({ unit: 'binary' }))
        .map(([number, answer, rest]) => `${String(number)} ${answer} ${rest}`),
      fc.string({ unit: 'binary' }),
    );
    const complete = fc
      .tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
      .map(([one, two]) => [
        `0 answered ${one.replaceAll(/[\n\r\u2028\u2029]/g, '')}`,
        `1 too-big ${two.replaceAll(/[\n\r\u2028\u2029]/g, '')}`,
        '2 failed no',
      ]);
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(fc.array(line, { maxLength: 12 }), complete), (lines) => {
        const parsed = parseAgentAnswers(lines.join('\n'), request);
        if (parsed.kind !== 'answers') return;
        taken += 1;
        assert.equal(parsed.probes.length, 2);
        assert.equal(parsed.actions.length, 1);
        for (const { quote } of parsed.probes) assert.match(quote, /^\P{C}{0,300}$/u);
      }),
    );
    assert.ok(taken > 0);
    assert.equal(parseAgentAnswers('x'.repeat(longestAnswers + 1), request).kind, 'malformed');
  });
});
