import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodeOf } from './preflight.ts';
import { describeFailure, StartFailure } from './start-failure.ts';

describe('describeFailure', () => {
  it('gives the sentence and code of a StartFailure as they are', () => {
    const failure = new StartFailure({ exitCode: 4, sentence: 'there is no x: install it.' });
    assert.deepEqual(describeFailure(failure, '/data'), { exitCode: 4, sentence: 'there is no x: install it.' });
  });

  it('recognises disk troubles in what a program printed, and keeps the line that matters', () => {
    const cause = new Error('making the cluster: FATAL:  could not write "base/4": No space left on device\nSTATEMENT: CREATE');
    assert.deepEqual(describeFailure(new Error('starting PostgreSQL', { cause }), '/data'), {
      exitCode: 1,
      sentence:
        'the file system of /data is full (starting PostgreSQL: making the cluster: FATAL:  could not write "base/4": No space left on device): free some space and start again; what was begun is completed then.',
    });
    const readOnly = new Error('writing /data/x', { cause: new Error('EROFS: read-only file system, open') });
    assert.match(describeFailure(readOnly, '/data').sentence, /^\/data lies on a read-only file system .*: remount it/);
  });

  it('gives the whole chain of anything else on one line', () => {
    const error = new Error('the signer does not start', { cause: new Error('ca.key is missing\nrestore it') });
    assert.equal(describeFailure(error, '/data').sentence, 'the signer does not start: ca.key is missing | restore it.');
  });
});

describe('exitCodeOf', () => {
  const problem = (exitCode: 1 | 2 | 4) => ({ exitCode, sentence: '' });
  for (const [codes, expected] of [
    [[], 0],
    [[1], 1],
    [[1, 4], 4],
    [[4, 1, 2], 2],
  ] as const) {
    it(`of ${codes.join(', ') || 'nothing'} is ${String(expected)}`, () =>
      assert.equal(exitCodeOf(codes.map(problem)), expected));
  }
});
