import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseGivenPassword } from './given-password.ts';

const state = 'Ab-_'.repeat(5) + 'xy';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (password: string) => ({ kind: 'password', password, code: null });

describe('what openvpn hands on as a password', () => {
  for (const [name, text, parsed] of [
    ['a password', 'correct horse', plain('correct horse')],
    [
      'a password with a code',
      `SCRV1:${base64('sé:cret')}:${base64('123456 ')}`,
      { kind: 'password', password: 'sé:cret', code: '123456' },
    ],
    ['a code that was left empty', `SCRV1:${base64('secret')}:`, plain('secret')],
    ['the answer to our challenge', `CRV1::${state}::123456`, { kind: 'code', state, code: '123456' }],
    ['a challenge that is none of ours', 'CRV1::short::123456', plain('CRV1::short::123456')],
    ['a password that only begins so', 'SCRV1:no', plain('SCRV1:no')],
  ] as const)
    test(name, () => assert.deepEqual(parseGivenPassword(text), parsed));
});
