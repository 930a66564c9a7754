import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog } from './log.ts';

function written(act: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  act(createLog('supervisor', (line) => (text += line)));
  return text.replace(/^\S+ /gm, '');
}

describe('log', () => {
  it('writes fields so that each line stays one line', () => {
    const line = written((log) =>
      log.of('lane').warn('ended', { lane: 'u0', lastLine: 'a "b"\nc', code: null, left: undefined }),
    );
    assert.equal(line, 'lane warn ended lane=u0 lastLine="a \\"b\\"\\nc" code=null\n');
  });

  it("makes control characters of a child's line harmless, and cuts it", () => {
    assert.equal(
      written((log) => log.relay('red \x1b[31m\r\x9b')),
      'supervisor | red \\x1b[31m\\x0d\\x9b\n',
    );
    assert.equal(written((log) => log.relay('x'.repeat(5000))).length, 'supervisor | '.length + 4001 + 1);
  });
});
