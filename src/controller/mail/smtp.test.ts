import assert from 'node:assert/strict';
import { KeyObject, webcrypto } from 'node:crypto';
import { before, test } from 'node:test';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '../signer/x509.ts';
import { renderLetter } from './letter.ts';
import { invitationLetter } from './letters.ts';
import type { MailServer } from './smtp.ts';
import { MailTrouble, sendBySmtp } from './smtp.ts';
import { freePort, startSmtpServer } from './test-smtp-server.ts';
import type { TestSmtpServer } from './test-smtp-server.ts';

const link = `https://vpn.example.com/invitation#${'k'.repeat(43)}`;
const letterFor = (name: string) =>
  renderLetter(
    invitationLetter({ wpcName: name, invitedBy: name, username: name, link, expiresAt: new Date('2026-12-04T10:15:00Z') }),
    name,
  );
const options = { hostname: 'vpn.example.com' };

function serverAt({ port }: Pick<TestSmtpServer, 'port'>, changes: Partial<MailServer> = {}): MailServer {
  return {
    host: '127.0.0.1',
    port,
    security: 'none',
    credentials: null,
    caCertificate: null,
    sender: { address: 'causeway@example.com', name: 'Example' },
    ...changes,
  };
}

let identity = { key: '', cert: '' };
before(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=mail',
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  identity = { key, cert: certificate.toString('pem') };
});

test('a mail arrives in both forms, from whom and to whom it should, and says that no machine should answer', async () => {
  await using server = await startSmtpServer();
  const words = await sendBySmtp(
    serverAt(server),
    { id: 'mail-1', to: 'bob+vpn@example.com', letter: letterFor('Example') },
    options,
  );
  assert.match(words, /^250 2\.0\.0 taken/);
  const [mail] = server.received;
  assert.deepEqual(mail?.envelope, { from: 'causeway@example.com', to: ['bob+vpn@example.com'] });
  assert.equal(mail.parsed.subject, 'Your invitation to Example');
  assert.equal(mail.parsed.from?.text, '"Example" <causeway@example.com>');
  assert.equal(mail.parsed.messageId, '<mail-1@example.com>');
  assert.equal(mail.parsed.headers.get('auto-submitted'), 'auto-generated');
  assert.ok(mail.parsed.text?.includes(link));
  assert.ok(String(mail.parsed.html).includes(`href="${link}"`));
});

const hostile: Readonly<Record<string, string>> = {
  'a header of its own': 'Example\r\nBcc: everybody@example.com',
  'a header by a bare line feed': 'Example\nX-Evil: 1',
  'a body of its own': 'Example\r\n\r\n<h1>Your account</h1>',
  'an end of the mail': 'Example\r\n.\r\nMAIL FROM:<evil@example.com>',
  'a tag': '<img src=https://evil.example/x.png>',
  'other separators': 'a\u2028Bcc: x@example.com\u0085Bcc: y@example.com',
  'an encoded word': '=?utf-8?Q?=0D=0ABcc:_x@example.com?=',
  'another address': 'Example" <ceo@example.com>, "x',
  'a turned direction': 'moc.elpmaxe\u202e',
};
for (const [what, name] of Object.entries(hostile)) {
  test(`a name cannot become ${what}`, async () => {
    await using server = await startSmtpServer();
    const sender = { address: 'causeway@example.com', name };
    await sendBySmtp(serverAt(server, { sender }), { id: 'm', to: 'bob@example.com', letter: letterFor(name) }, options);
    assert.equal(server.received.length, 1);
    const [mail] = server.received;
    assert.deepEqual(mail?.envelope.to, ['bob@example.com']);
    assert.deepEqual(
      mail.parsed.from?.value.map(({ address }) => address),
      ['causeway@example.com'],
    );
    const names = [...mail.parsed.headers.keys()].toSorted();
    const expected = ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'];
    assert.deepEqual(names, [...expected, 'x-auto-response-suppress']);
    assert.doesNotMatch(String(mail.parsed.html), /<img|<h1/);
    assert.doesNotMatch(`${mail.parsed.subject ?? ''}${mail.parsed.text ?? ''}`, /[\u202a-\u202e]/);
  });
}

test('a receiver that is more or less than one address gets nothing, and nobody else does', async () => {
  await using server = await startSmtpServer();
  const none = [
    'a,b@example.com',
    'group:a@example.com;',
    'a@example.com\r\nRCPT TO:<b@example.com>',
    '<a@example.com>',
    'bob',
    '',
  ];
  for (const to of none) {
    const sending = sendBySmtp(serverAt(server), { id: 'm', to, letter: letterFor('E') }, options);
    await assert.rejects(sending, trouble('refused', /is not a mail address/));
  }
  assert.deepEqual(server.received, []);
});

test('STARTTLS and TLS are used, with the authority that was named', async () => {
  for (const secure of [false, true]) {
    await using server = await startSmtpServer({
      tls: { ...identity, secure },
      login: { username: 'causeway', password: 'correct horse' },
    });
    const settings = {
      security: secure ? 'tls' : 'starttls',
      credentials: { username: 'causeway', password: 'correct horse' },
    } as const;
    const mail = { id: 'm', to: 'bob@example.com', letter: letterFor('E') };
    await assert.rejects(
      sendBySmtp(serverAt(server, settings), mail, options),
      trouble('unreachable', /self-signed certificate/),
    );
    await sendBySmtp(serverAt(server, { ...settings, caCertificate: identity.cert }), mail, options);
    assert.deepEqual(
      server.received.map(({ user }) => user),
      ['causeway'],
    );
  }
});

test('a server that offers no STARTTLS gets neither password nor mail', async () => {
  await using server = await startSmtpServer({ login: { username: 'u', password: 'correct horse' } });
  const settings = serverAt(server, { security: 'starttls', credentials: { username: 'u', password: 'correct horse' } });
  const mail = { id: 'm', to: 'bob@example.com', letter: letterFor('E') };
  await assert.rejects(sendBySmtp(settings, mail, options), (error) => error instanceof MailTrouble);
  assert.deepEqual(server.received, []);
});

test('what the server says is passed on, and tells whether trying again helps', async () => {
  await using server = await startSmtpServer({
    refuse: (to) =>
      ({
        'unknown@example.com': { code: 550, words: '5.1.1 no such mailbox' },
        'full@example.com': { code: 452, words: '4.2.2 mailbox full' },
      })[to],
  });
  const send = async (to: string) => await sendBySmtp(serverAt(server), { id: 'm', to, letter: letterFor('E') }, options);
  await assert.rejects(send('unknown@example.com'), trouble('refused', /550 5\.1\.1 no such mailbox/));
  await assert.rejects(send('full@example.com'), trouble('later', /452 4\.2\.2 mailbox full/));
});

test('a wrong password is a matter of the settings: no mail gets through, none is given up', async () => {
  await using server = await startSmtpServer({ login: { username: 'u', password: 'right' } });
  const settings = serverAt(server, { credentials: { username: 'u', password: 'very-wrong' } });
  const mail = { id: 'm', to: 'bob@example.com', letter: letterFor('E') };
  await assert.rejects(sendBySmtp(settings, mail, options), (error) => {
    assert.ok(error instanceof MailTrouble);
    assert.equal(error.kind, 'unreachable');
    assert.match(error.message, /535 5\.7\.8 authentication failed/);
    assert.doesNotMatch(error.message, /very-wrong/);
    return true;
  });
});

test('a server that is not there is named with its port', async () => {
  const port = await freePort();
  const mail = { id: 'm', to: 'bob@example.com', letter: letterFor('E') };
  await assert.rejects(
    sendBySmtp(serverAt({ port }), mail, options),
    trouble('unreachable', new RegExp(`127\\.0\\.0\\.1:${String(port)}: .*ECONNREFUSED`)),
  );
});

function trouble(kind: MailTrouble['kind'], words: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof MailTrouble, String(error));
    assert.match(error.message, words);
    assert.equal(error.kind, kind);
    return true;
  };
}
