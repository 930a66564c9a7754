import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord } from './shell-word.ts';

test('a shell reads back every name as one word', () => {
  const names = ['hq-1', 'bob/laptop', 'HQ Network', '"; reboot', "it's $HOME `id` \\ *", 'a\nb', '-n', ''];
  const line = `for word in ${names.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`;
  assert.deepEqual(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1), names);
  assert.equal(shellWord('hq-1'), 'hq-1', 'what needs no quotes has none');
});
