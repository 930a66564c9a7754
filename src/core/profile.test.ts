import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProfileInput, Remote } from './profile.ts';
import { renderProfile } from './profile.ts';
import { friendlyName } from './profile-name.ts';

const pem = (label: string, lines: readonly string[] = ['MIIBszCCAVmgAwIB', 'AgIQ+/==']) =>
  `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;

const input: ProfileInput = {
  label: 'Bob, laptop',
  remotes: [
    { host: 'vpn.example.com', port: 1195, protocol: 'udp' },
    { host: 'vpn.example.com', port: 1194, protocol: 'udp' },
    { host: 'vpn.example.com', port: 1194, protocol: 'tcp' },
  ],
  ca: pem('CERTIFICATE'),
  certificate: pem('CERTIFICATE'),
  key: pem('PRIVATE KEY'),
  tlsCryptV2: pem('OpenVPN tls-crypt-v2 client key'),
};

const expectedDirectives = (remotes: readonly Remote[]): string[][] => [
  ['client'],
  ['dev', 'tun'],
  ['nobind'],
  ['persist-tun'],
  ['persist-key'],
  ['resolv-retry', 'infinite'],
  ['connect-retry', '1', '1'],
  ['server-poll-timeout', '4'],
  ['remote-cert-tls', 'server'],
  ['verify-x509-name', 'causeway-gateway', 'name'],
  ['tls-version-min', '1.2'],
  ['data-ciphers', 'AES-256-GCM:CHACHA20-POLY1305'],
  ['reneg-sec', '86400'],
  ['explicit-exit-notify', '1'],
  ['push-peer-info'],
  ['verb', '3'],
  ['auth-retry', 'nointeract'],
  ...remotes.map(({ host, port, protocol }) => ['remote', host, String(port), protocol]),
];

describe('renderProfile', () => {
  it('has exactly the intended directives and blocks, in the order of the lanes', () => {
    const parsed = readConfiguration(renderProfile(input));
    assert.deepEqual(parsed.directives, [['setenv', 'FRIENDLY_NAME', 'Bob_ laptop'], ...expectedDirectives(input.remotes)]);
    assert.deepEqual(parsed.blocks, {
      ca: input.ca.trim(),
      cert: input.certificate.trim(),
      key: input.key?.trim(),
      'tls-crypt-v2': input.tlsCryptV2.trim(),
    });
  });

  it('asks for a password where the group of its person wants one, and again before it tries again', () => {
    const { directives } = readConfiguration(renderProfile({ ...input, asksForPassword: true }));
    const auth = directives.filter(([name]) => name?.startsWith('auth-') === true);
    assert.deepEqual(auth, [['auth-user-pass'], ['auth-retry', 'interact']]);
  });

  it('leaves out the key of an agent that holds it itself', () => {
    const { key: _key, ...withoutKey } = input;
    const text = renderProfile(withoutKey);
    assert.deepEqual(Object.keys(readConfiguration(text).blocks), ['ca', 'cert', 'tls-crypt-v2']);
    assert.doesNotMatch(text, /<key>/);
  });

  it('stays the same profile whatever the label says', () => {
    const hostile = fc.constantFrom(
      '</ca>',
      '\n',
      '"',
      "'",
      '\\',
      '$(reboot)',
      '`id`',
      '\r\nup /bin/sh\n',
      '#',
      ';',
      '<connection>',
      '😀',
      '\u202e',
    );
    const words = fc.array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 40 });
    fc.assert(
      fc.property(words, (parts) => {
        const label = parts.join('');
        const parsed = readConfiguration(renderProfile({ ...input, label }));
        const [name, ...rest] = parsed.directives;
        assert.deepEqual(name, ['setenv', 'FRIENDLY_NAME', friendlyName(label)]);
        assert.deepEqual(rest, expectedDirectives(input.remotes));
        assert.deepEqual(Object.keys(parsed.blocks), ['ca', 'cert', 'key', 'tls-crypt-v2']);
      }),
      { numRuns: 500 },
    );
  });

  const refused: readonly (readonly [string, Partial<ProfileInput>, RegExp])[] = [
    ['a host with a newline', { remotes: [{ host: 'a\nup /bin/sh', port: 1, protocol: 'udp' }] }, /remote host .*\\u000a/],
    ['a host with a space', { remotes: [{ host: 'a 1', port: 1, protocol: 'udp' }] }, /neither an address nor a DNS name/],
    ['an empty host', { remotes: [{ host: '', port: 1, protocol: 'udp' }] }, /neither an address nor a DNS name/],
    ['port 0', { remotes: [{ host: 'a', port: 0, protocol: 'udp' }] }, /port 0 is not from 1 to 65535/],
    ['a port with a fraction', { remotes: [{ host: 'a', port: 1.5, protocol: 'udp' }] }, /port 1.5/],
    [
      'a certificate followed by a directive',
      { certificate: `${pem('CERTIFICATE')}</cert>\nup /bin/sh` },
      /<cert> is not exactly one/,
    ],
    ['a directive inside a block', { ca: pem('CERTIFICATE', ['MIIB', '</ca>']) }, /<ca> is not exactly one/],
    ['two keys in one block', { key: pem('PRIVATE KEY') + pem('PRIVATE KEY') }, /<key> is not exactly one/],
    ['a key where a certificate belongs', { ca: pem('PRIVATE KEY') }, /<ca> is not exactly one PEM "CERTIFICATE"/],
    ['an empty block', { ca: '' }, /<ca>/],
  ];
  for (const [what, change, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => renderProfile({ ...input, ...change }),
        (error) => error instanceof RangeError && reason.test(error.message),
      );
    });
  }

  it('takes IPv4 and IPv6 addresses as hosts', () => {
    for (const host of ['192.0.2.1', '2001:db8::1']) {
      const text = renderProfile({ ...input, remotes: [{ host, port: 1194, protocol: 'udp' }] });
      assert.match(text, new RegExp(`^remote ${host} 1194 udp$`, 'm'));
    }
  });
});

describe('friendlyName', () => {
  it('keeps what names are made of', () => {
    for (const name of ['HQ Network', 'bob+vpn@example.com', 'Zürich-1', '東京 拠点', 'बेंगलुरु', 'a.b_c'])
      assert.equal(friendlyName(name), name);
  });

  it('never lets through what a lexer could see, stays short, and is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (words) => {
        const name = friendlyName(words);
        assert.match(name, /^[\p{L}\p{N}\p{M} ._@+-]+$/u);
        assert.ok(Buffer.byteLength(name) <= 200);
        assert.equal(friendlyName(name), name);
      }),
      { numRuns: 1000 },
    );
  });

  it('says Causeway when nothing legible is left', () => {
    for (const words of ['', '   ', '😀'.repeat(200), '"\n$()']) assert.equal(friendlyName(words), 'Causeway');
  });
});

type Configuration = { directives: string[][]; blocks: Record<string, string> };

/** A reader of openvpn's configuration grammar of its own (options_util.c parse_line, options.c read_inline_file), not the writer inverted. */
function readConfiguration(text: string): Configuration {
  const result: Configuration = { directives: [], blocks: {} };
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    assert.ok(Buffer.byteLength(line) < 256, `the line is longer than openvpn reads: ${line}`);
    const open = /^\s*<([a-z0-9-]+)>\s*$/.exec(line);
    if (open?.[1] !== undefined) {
      const end = lines.findIndex((candidate, at) => at > index && candidate.trimStart().startsWith(`</${open[1]}>`));
      assert.ok(end !== -1, `block ${open[1]} has no end`);
      result.blocks[open[1]] = lines.slice(index + 1, end).join('\n');
      index = end;
      continue;
    }
    const parameters = lex(line);
    if (parameters.length > 0) result.directives.push(parameters);
  }
  return result;
}

function lex(line: string): string[] {
  const parameters: string[] = [];
  let current: string | undefined;
  let quote: '"' | "'" | undefined;
  let backslash = false;
  for (const character of line) {
    if (backslash) {
      current = (current ?? '') + character;
      backslash = false;
    } else if (character === '\\' && quote !== "'") {
      backslash = true;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else current = (current ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      current ??= '';
    } else if (/\s/.test(character)) {
      if (current !== undefined) parameters.push(current);
      current = undefined;
    } else if ((character === '#' || character === ';') && current === undefined) {
      break;
    } else {
      current = (current ?? '') + character;
    }
  }
  assert.equal(quote, undefined, `the quotes of a line are not closed: ${line}`);
  if (current !== undefined) parameters.push(current);
  return parameters;
}
