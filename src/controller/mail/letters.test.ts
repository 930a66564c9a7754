import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderLetter } from './letter.ts';
import { invitationLetter, passwordLetter, testLetter } from './letters.ts';
import { html } from './markup.ts';
import { oneLine, say } from './say.ts';

const link = `https://vpn.example.com/invitation#${'a'.repeat(43)}`;
const expiresAt = new Date('2026-12-04T10:15:00Z');
const hostileNames: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=https://evil.example/x.png onerror=alert(1)>',
  "' onmouseover='alert(1)",
  'Bob\r\nBcc: everybody@example.com\r\n\r\n<h1>Hello</h1>',
  'Bob\n\nThe link has moved to https://evil.example/',
  'line\u2028separator\u2029paragraph',
  'a\u202Egnp.exe\u202C \u2066isolated',
  '&lt;b&gt;',
  'x'.repeat(5_000),
  '👩‍👩‍👧‍👦'.repeat(200),
  '\ud800 half',
  '',
];

for (const name of hostileNames) {
  test(`nothing comes of the name ${JSON.stringify(name).slice(0, 60)}`, () => {
    const letters = [
      invitationLetter({ wpcName: name, invitedBy: name, username: name, link, expiresAt }),
      passwordLetter({ wpcName: name, username: name, link, expiresAt }),
      testLetter(name),
    ];
    const harmless = [
      invitationLetter({ wpcName: 'W', invitedBy: 'A', username: 'b', link, expiresAt }),
      passwordLetter({ wpcName: 'W', username: 'b', link, expiresAt }),
      testLetter('W'),
    ];
    for (const [index, letter] of letters.entries()) {
      const { subject, text, html: page } = renderLetter(letter, name);
      const usual = renderLetter(harmless[index] ?? letter, 'W');
      assert.doesNotMatch(subject, /[\p{Cc}\u2028\u2029]/u);
      assert.ok(Array.from(subject).length <= 151, subject);
      // As many tags and as many lines as with harmless names: a name neither opens one nor makes another one.
      assert.deepEqual(page.match(/<[^>]*>/g)?.map(tagName), usual.html.match(/<[^>]*>/g)?.map(tagName));
      assert.equal(text.split('\n').length, usual.text.split('\n').length);
      assert.doesNotMatch(`${text}${page}`, /[\u202a-\u202e\u2066-\u2069]/);
      assert.ok(text.isWellFormed() && page.isWellFormed());
    }
  });
}

function tagName(tag: string): string {
  return /^<[/!]?[a-z]+/.exec(tag)?.[0] ?? tag;
}

test('a letter loads nothing from anywhere, and its only links are the one that it is about', () => {
  const { html: page } = renderLetter(
    invitationLetter({ wpcName: 'Example', invitedBy: 'alice', username: 'bob', link, expiresAt }),
    'Example',
  );
  assert.doesNotMatch(page, /<(?:img|link|script|iframe|style|svg|video|audio|object)\b|url\(|\bsrc=|@import/i);
  assert.deepEqual(
    [...page.matchAll(/href="([^"]*)"/g)].map(([, url]) => url),
    [link, link],
  );
});

test('text and HTML say the same: who, for what, the link, until when', () => {
  const {
    subject,
    text,
    html: page,
  } = renderLetter(
    invitationLetter({ wpcName: 'Example & Sons', invitedBy: 'alice', username: 'bob@example.com', link, expiresAt }),
    'Example & Sons',
  );
  assert.equal(subject, 'Your invitation to Example & Sons');
  for (const words of ['alice', 'bob@example.com', '4 December 2026, 10:15 UTC', link]) {
    assert.ok(text.includes(words), words);
    assert.ok(page.includes(words), words);
  }
  assert.ok(text.includes('Example & Sons'));
  assert.ok(page.includes('<bdi>Example &amp; Sons</bdi>'));
});

test('html escapes values, takes markup as it is, and joins lists', () => {
  const inner = html`<b>${'<&"\'>'}</b>`;
  assert.equal(inner.toString(), '<b>&lt;&amp;&quot;&#39;&gt;</b>');
  assert.equal(html`<p>${inner}${[inner, inner]}</p>`.toString(), `<p>${String(inner)}${String(inner)}${String(inner)}</p>`);
});

test('a value of a sentence is isolated, and cut to a line', () => {
  assert.equal(say`Hello ${'a\nb'}.`.markup.toString(), 'Hello <bdi>a b</bdi>.');
  assert.equal(oneLine('  a \t b\u0000\u0085c  '), 'a b c');
  assert.equal(oneLine('עברית and English'), 'עברית and English');
  assert.equal(oneLine('abcdef', 3), 'abc…');
});
