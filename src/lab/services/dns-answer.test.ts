import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsAnswer } from './dns-answer.ts';

const query = (type: number) =>
  Buffer.concat([
    Buffer.from('abcd01000001000000000000', 'hex'),
    Buffer.from('\u0007service\u0004test\0', 'latin1'),
    Buffer.from([0, type, 0, 1]),
  ]);

test('a question for an address is answered, any other gets an empty answer', () => {
  const answered = dnsAnswer(query(1), '107.3.152.27');
  assert.equal(answered?.name, 'service.test');
  assert.equal(answered.answer.toString('hex', 0, 12), 'abcd81800001000100000000');
  assert.deepEqual([...answered.answer.subarray(-4)], [107, 3, 152, 27]);
  assert.equal(dnsAnswer(query(28), '107.3.152.27')?.answer.toString('hex', 0, 12), 'abcd81800001000000000000');
  assert.equal(dnsAnswer(Buffer.from('short'), '107.3.152.27'), undefined);
});
