import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EventStreamParser } from './event-stream.ts';

const stream =
  ': heartbeat\n\nevent: snapshot\r\nid: 7\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata\n\nid:8\nevent:delta\ndata:x\n\nevent: nothing\n\n';
const events = [
  { event: 'snapshot', data: '{"a":\n1}', id: '7' },
  { event: 'message', data: '', id: '7' },
  { event: 'delta', data: 'x', id: '8' },
];

describe('event stream', () => {
  it('is read the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const parser = new EventStreamParser();
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        assert.deepEqual(
          at.slice(1).flatMap((end, index) => parser.feed(stream.slice(at[index], end))),
          events,
        );
      }),
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        new EventStreamParser().feed(`${text}\n\n`);
      }),
    );
  });
});
