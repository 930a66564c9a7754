import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CausewayError } from '../../contract/errors.ts';
import { requireUncommon } from './password-rules.ts';

const names = ['alice.miller@example.com'];

const refused: Readonly<Record<string, RegExp>> = {
  '1qaz2wsx3edc': /most common/,
  '1QAZ2wsx3EDC': /most common/,
  passwordpassword: /most common/,
  'Password2026!': /digits or signs around/,
  '!!!dragon!!!!': /digits or signs around/,
  aaaaaaaaaaaaaa: /three different/,
  abababababab: /three different/,
  abcdefghijklmnop: /run of characters/,
  zyxwvutsrqpo: /run of characters/,
  'alice.miller@example.com': /name or mail address/,
  '2026 Alice.Miller 2026': /name or mail address/,
};
for (const [password, because] of Object.entries(refused)) {
  test(`${password} is refused`, () => {
    assert.throws(
      () => requireUncommon(password, names),
      (error) => {
        assert.ok(error instanceof CausewayError);
        assert.equal(error.code, 'invalid-input');
        assert.match(error.message, because);
        assert.equal(JSON.stringify([error.message, error.details]).includes(password), false, 'the password is repeated');
        return true;
      },
    );
  });
}

for (const password of [
  'correct horse battery staple',
  'i love my dragon very much',
  'кошка на подоконнике',
  'zq8w nt41 pxlu',
  '🐈🐕🐎🐄🐖🐑🐐🐓🦆🦉🐝🐛',
]) {
  test(`${password} is taken`, () => {
    assert.doesNotThrow(() => requireUncommon(password, names));
  });
}
