import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Answers } from './answers.ts';

/** What `ping -D` of iputils writes for an answer. */
const answer = (at: number, sequence: number, more = '') =>
  `[${(at / 1000).toFixed(6)}] 64 bytes from 10.0.0.20: icmp_seq=${sequence} ttl=62 time=0.5 ms${more}\n`;

function answersOf(...lines: readonly string[]): Answers {
  const answers = new Answers();
  for (const line of lines) answers.take(line);
  return answers;
}

describe('answers of a ping', () => {
  test('all answered: nothing is lost, and the gap is the spacing', () => {
    const answers = answersOf('PING 10.0.0.20 56(84) bytes of data.\n', answer(1000, 1), answer(1005, 2), answer(1011, 3));
    assert.deepEqual(answers.loss(1012, 5), { lost: 0, sent: 3, longestGapMs: 6, back: true });
    assert.equal(answers.unbrokenMs(1012), 12);
  });

  test('a hole in the numbers is lost, and the series begins again behind it', () => {
    const answers = answersOf(answer(1000, 1), answer(1005, 2), answer(1105, 22), answer(1110, 23));
    assert.deepEqual(answers.loss(1110, 5), { lost: 19, sent: 23, longestGapMs: 100, back: true });
    assert.equal(answers.unbrokenMs(1110), 5);
  });

  test('what was lost before the beginning is forgotten', () => {
    const answers = answersOf(answer(1000, 1), answer(1100, 20));
    answers.begin();
    answers.take(answer(1105, 21));
    assert.deepEqual(answers.loss(1105, 5), { lost: 0, sent: 1, longestGapMs: 5, back: true });
  });

  test('what is on its way at the end is not lost, but silence is', () => {
    const answers = answersOf(answer(1000, 1), answer(1005, 2));
    assert.equal(answers.loss(1105, 5).lost, 0);
    assert.deepEqual(answers.loss(3005, 5), { lost: 400, sent: 402, longestGapMs: 2000, back: false });
    assert.equal(answers.unbrokenMs(3005), 0);
  });

  test('where nothing was ever answered, nothing is known but that', () => {
    assert.deepEqual(answersOf('ping: connect: Network is unreachable\n').loss(3005, 5), {
      lost: 0,
      sent: 0,
      longestGapMs: 0,
      back: false,
    });
  });

  test('an answer that was overtaken is not lost, and a second one to the same request is none', () => {
    const answers = answersOf(answer(1000, 1), answer(1010, 3), answer(1012, 2), answer(1013, 2, ' (DUP!)'), answer(1015, 4));
    assert.equal(answers.loss(1015, 5).lost, 0);
  });

  test('errors between answers and pieces of lines do no harm, and the numbers may wrap', () => {
    const [first, second] = [answer(1000, 65_535), answer(1010, 1)];
    const answers = answersOf(
      first.slice(0, 20),
      first.slice(20),
      '[1.0] From 10.0.0.1 icmp_seq=0 Destination Host Unreachable\n',
      second,
    );
    assert.equal(answers.loss(1010, 5).lost, 1);
  });
});
