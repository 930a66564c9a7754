import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CausewayError } from '../../contract/errors.ts';

/** Read when the first password is chosen: an installation that idles for months does not hold it. */
let common: ReadonlySet<string> | undefined;

function commonPasswords(): ReadonlySet<string> {
  common ??= new Set(
    readFileSync(path.join(import.meta.dirname, 'common-passwords.txt'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  return common;
}

/**
 * requireUncommon refuses a password that guessers try first: a common one, one that is a common one with digits and signs around it or
 * twice, a single character or a run, and the person's own name. Length is the contract's (contract/api/person.ts). No rule asks for
 * kinds of characters: they make passwords that look different and are the same (NIST SP 800-63B 5.1.1.2).
 */
export function requireUncommon(password: string, names: readonly string[], field = 'password'): void {
  const problem = weakness(password.normalize('NFC').toLowerCase(), names);
  if (problem === undefined) return;
  const allowed = '12 to 128 characters that nobody guesses, such as four words that do not belong together';
  const message = `${field}: the value ${problem}; allowed: ${allowed}`;
  throw new CausewayError('invalid-input', `${message}.`, { details: [{ field, message, params: { allowed } }] });
}

function weakness(password: string, names: readonly string[]): string | undefined {
  const isCommon = (text: string): boolean => commonPasswords().has(text);
  const core = password.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  if (isCommon(password) || isCommon(half(password))) return 'is one of the most common passwords';
  if (new Set(password).size <= 3) return 'has no more than three different characters';
  if (isRun(password)) return 'is a run of characters in their order';
  // Short words such as "love" stand in many good passphrases; alone between digits they are none.
  if (isCommon(core) || isCommon(half(core))) return 'is a common password with digits or signs around it';
  const own = names.flatMap((name) => [name, name.split('@', 1)[0] ?? '']).map((name) => name.toLowerCase());
  if (own.some((name) => name.length >= 3 && (password === name || core === name)))
    return 'is the name or mail address of the account';
  return undefined;
}

/** The first half of a text that is the same twice, else nothing. */
function half(text: string): string {
  const first = text.slice(0, text.length / 2);
  return `${first}${first}` === text ? first : '';
}

function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const step = (codes[1] ?? 0) - (codes[0] ?? 0);
  return Math.abs(step) <= 1 && codes.every((code, index) => index === 0 || code - (codes[index - 1] ?? 0) === step);
}
