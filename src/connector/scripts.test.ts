import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shellQuote } from '../contract/connector-scripts.ts';
import { userlands } from './testing/shell-functions.ts';
import { scripts } from './testing/test-site.ts';

const shells: readonly (readonly [string, ...string[]])[] = [['dash'], ['busybox', 'ash']];

describe('the scripts as they are served', () => {
  it('are clean under shellcheck, whose complaint a planted fault raises', async () => {
    const { installer, agent } = await scripts({ url: 'https://causeway.test', ca: 'x' });
    const check = (text: string) => spawnSync('shellcheck', ['--shell=sh', '-'], { input: text, encoding: 'utf8' });
    // The installer hands CAUSEWAY_VERSION on to nobody where a variant leaves it out; every other complaint counts.
    for (const text of [installer, agent]) assert.equal(check(text).stdout, '');
    assert.match(check(agent.replace('set -u', 'set -u; echo $undefined_variable')).stdout, /SC2086/);
  });

  it('parse in dash and in BusyBox ash', async () => {
    for (const text of Object.values(await scripts({ url: 'https://causeway.test', ca: 'x' }))) {
      for (const [shell, ...applet] of shells) execFileSync(shell, [...applet, '-n'], { input: text });
    }
  });

  it('do nothing when the download was cut off, wherever', async () => {
    const { installer, agent } = await scripts({ url: 'https://causeway.test', ca: 'x' });
    for (const text of [installer, agent]) {
      const whole = spawnSync('/usr/bin/dash', ['-s'], { input: text, encoding: 'utf8', env: { PATH: '/nowhere' } });
      assert.notEqual(whole.stderr, '', 'the whole text does something');
      for (let cut = 12; cut < text.length - 2; cut += 97) {
        const result = spawnSync('/usr/bin/dash', ['-s'], {
          input: text.slice(0, cut),
          encoding: 'utf8',
          env: { PATH: '/nowhere' },
        });
        assert.match(result.stderr, /Syntax error/, `cut at ${String(cut)}`);
        assert.doesNotMatch(result.stderr, /not found|causeway/, `cut at ${String(cut)}`);
        assert.equal(result.stdout, '');
      }
    }
  });
});

describe('shellQuote', () => {
  for (const [index, userland] of userlands.entries()) {
    it(`makes one word of anything for ${userland}`, () => {
      const [shell, ...applet] = shells[index] ?? ['dash'];
      const text = fc
        .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^['"\\$`\n;&|() a]*$/))
        .filter((value) => !value.includes('\0'));
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), (values) => {
          // Lone surrogates cannot be written as UTF-8 by anybody.
          const words = values.map((value) => value.toWellFormed());
          const printed = execFileSync(shell, [...applet], {
            input: `printf '%s\\000' ${words.map(shellQuote).join(' ')}`,
            encoding: 'utf8',
          });
          assert.deepEqual(printed.split('\0').slice(0, -1), words);
        }),
        { numRuns: 30 },
      );
    });
  }

  it('refuses NUL, which no word can hold', () => {
    assert.throws(() => shellQuote('a\0b'), RangeError);
  });
});
