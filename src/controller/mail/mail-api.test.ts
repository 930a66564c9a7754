import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import { mailRoutes } from '../../contract/api/mail.ts';
import { userRoutes } from '../../contract/api/user.ts';
import type { MailId, UserId } from '../../core/ids.ts';
import { systemActor } from '../principal.ts';
import { call, refusal } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { openStore } from '../store/store.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { invitationLetter } from './letters.ts';
import { startMailWorker } from './mail-worker.ts';
import { queueMail, withdrawMails } from './outbox.ts';
import { maximumAttempts, retryDelay_ms, sendDueMails } from './send-due-mails.ts';
import { freePort, startSmtpServer } from './test-smtp-server.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});
afterEach(async () => {
  await controller.deps.store.database.deleteFrom('mail').execute();
  await controller.deps.store.database.deleteFrom('mail_server').execute();
});

const secretLink = `https://causeway.test/invitation#${'s'.repeat(43)}`;
const inAWeek = (): Date => new Date(Date.now() + 7 * 86_400_000);

async function newUser(): Promise<{ id: UserId; email: string }> {
  const name = `u-${randomBytes(4).toString('hex')}`;
  const email = `${name}@example.com`;
  const { id } = await call(controller, userRoutes.create, { body: { username: name, email } });
  return { id: id as UserId, email };
}

async function queue(user: { id: UserId; email: string }, expiresAt: Date = inAWeek()): Promise<MailId> {
  const { store, secrets } = controller.deps;
  const letter = invitationLetter({ wpcName: 'W', invitedBy: 'alice', username: 'bob', link: secretLink, expiresAt });
  return await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const id = await queueMail(trx, secrets, { kind: 'invitation', user: user.id, recipient: user.email, letter, expiresAt });
    record({ entity: 'mail', entityId: id, action: 'queued' });
    return id;
  });
}

async function useServer(port: number, changes: object = {}): Promise<void> {
  const body = { host: '127.0.0.1', port, security: 'none', senderAddress: 'causeway@example.com', ...changes };
  await call(controller, mailRoutes.writeSettings, { body });
}

async function mailWith(id: MailId) {
  const { content } = await call(controller, mailRoutes.list, { query: {} });
  const found = content.find((mail) => mail.id === id);
  assert.ok(found !== undefined, `mail ${id} is not in the list`);
  return found;
}

async function contentOf(id: MailId): Promise<Buffer | null> {
  const row = await controller.deps.store.database
    .selectFrom('mail')
    .select('content')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.content;
}

const soon = { retryDelay_ms: () => 0 };

test('the settings are kept, the password is never given back, and is in the database only sealed', async () => {
  assert.deepEqual(await call(controller, mailRoutes.readSettings), { server: null });
  const body = {
    host: 'smtp.example.com',
    port: 587,
    security: 'starttls',
    username: 'causeway',
    password: 'pa55word-of-the-server',
    senderAddress: 'causeway@example.com',
    senderName: 'Example "WPC" <x>',
  };
  const expected = {
    server: {
      host: 'smtp.example.com',
      port: 587,
      security: 'starttls',
      username: 'causeway',
      hasPassword: true,
      senderAddress: 'causeway@example.com',
      senderName: 'Example "WPC" <x>',
      caCertificate: null,
    },
  };
  assert.deepEqual(await call(controller, mailRoutes.writeSettings, { body }), expected);
  assert.deepEqual(await call(controller, mailRoutes.readSettings), expected);
  const { rows } = await sql<{ text: string }>`
    select (select jsonb_agg(to_jsonb(m)) from mail_server m)::text || (select jsonb_agg(to_jsonb(a)) from audit a)::text as text`.execute(
    controller.deps.store.database,
  );
  for (const form of ['pa55word-of-the-server', Buffer.from('pa55word-of-the-server').toString('hex')]) {
    assert.equal(rows[0]?.text.includes(form), false, form);
  }
  assert.equal(controller.logged().includes('pa55word-of-the-server'), false);
});

test('a kept password stays with its server, and is needed again for another one', async () => {
  const given = {
    host: 'smtp.example.com',
    port: 587,
    security: 'starttls',
    username: 'causeway',
    senderAddress: 'causeway@example.com',
  };
  await call(controller, mailRoutes.writeSettings, { body: { ...given, password: 'kept' } });
  const kept = await call(controller, mailRoutes.writeSettings, { body: { ...given, senderAddress: 'other@example.com' } });
  assert.equal(kept.server?.hasPassword, true);
  for (const change of [{ host: 'evil.example.com' }, { port: 25 }, { security: 'tls' }, { username: 'somebody' }]) {
    const refused = await refusal(controller, mailRoutes.writeSettings, { body: { ...given, ...change } });
    assert.deepEqual([refused.field, refused.code], ['password', 'invalid-input'], JSON.stringify(change));
    assert.match(refused.message, /is needed again/);
  }
  assert.equal((await refusal(controller, mailRoutes.writeSettings, { body: { ...given, password: '' } })).field, 'password');
  const { server } = await call(controller, mailRoutes.writeSettings, { body: { ...given, username: '', password: null } });
  assert.deepEqual([server?.username, server?.hasPassword], [null, false]);
  await call(controller, mailRoutes.removeSettings);
  await call(controller, mailRoutes.removeSettings);
  assert.deepEqual(await call(controller, mailRoutes.readSettings), { server: null });
});

const refusedSettings: readonly { readonly change: object; readonly field: string }[] = [
  { change: { host: 'mail.example.com\r\nX: y' }, field: 'host' },
  { change: { host: 'https://mail.example.com' }, field: 'host' },
  { change: { host: '' }, field: 'host' },
  { change: { port: 0 }, field: 'port' },
  { change: { port: 65_536 }, field: 'port' },
  { change: { security: 'ssl' }, field: 'security' },
  { change: { senderAddress: 'nobody' }, field: 'senderAddress' },
  { change: { senderAddress: 'a@example.com, b@example.com' }, field: 'senderAddress' },
  { change: { senderAddress: 'a@example.com\nBcc: b@example.com' }, field: 'senderAddress' },
  { change: { senderName: 'two\nlines' }, field: 'senderName' },
  { change: { username: 'u' }, field: 'password' },
  { change: { password: 'p' }, field: 'username' },
  { change: { username: 'u', password: 'p', security: 'none' }, field: 'security' },
  { change: { caCertificate: 'no certificate' }, field: 'caCertificate' },
  {
    change: { caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    field: 'caCertificate',
  },
];
for (const { change, field } of refusedSettings) {
  test(`settings with ${JSON.stringify(change)} are refused by ${field}`, async () => {
    const body = { host: 'smtp.example.com', port: 587, security: 'starttls', senderAddress: 'c@example.com', ...change };
    const refused = await refusal(controller, mailRoutes.writeSettings, { body });
    assert.deepEqual([refused.status, refused.field], [400, field], refused.message);
  });
}

test('a test mail goes out at once and answers the server’s words, good or bad', async () => {
  assert.equal((await refusal(controller, mailRoutes.test, { body: { to: 'a@example.com' } })).status, 409);
  await using server = await startSmtpServer({
    refuse: (to) => (to.startsWith('no') ? { code: 550, words: '5.1.1 no such mailbox' } : undefined),
  });
  await useServer(server.port);
  const good = await call(controller, mailRoutes.test, { body: { to: 'a@example.com' } });
  assert.deepEqual([good.to, good.isAccepted, good.answer], ['a@example.com', true, '250 2.0.0 taken']);
  assert.equal(server.received[0]?.parsed.subject, 'Test mail of My WPC');
  const bad = await call(controller, mailRoutes.test, { body: { to: 'nobody@example.com' } });
  assert.deepEqual([bad.isAccepted, bad.answer], [false, '550 5.1.1 no such mailbox']);
  const unnamed = await refusal(controller, mailRoutes.test, { body: {} });
  assert.deepEqual([unnamed.status, unnamed.field], [400, 'to']);
  const gone = await freePort();
  await useServer(gone);
  const down = await call(controller, mailRoutes.test, { body: { to: 'a@example.com' } });
  assert.match(down.answer, new RegExp(`^127\\.0\\.0\\.1:${String(gone)}: .*ECONNREFUSED`));
  assert.equal(down.isAccepted, false);
});

test('mail server down: the mail is queued, seen, tried again, and sent when the server is back', async () => {
  const user = await newUser();
  const port = await freePort();
  await useServer(port);
  const id = await queue(user);
  const fresh = await mailWith(id);
  assert.deepEqual(
    [fresh.kind, fresh.userId, fresh.recipient, fresh.state, fresh.attempts, fresh.lastAnswer],
    ['invitation', user.id, user.email, 'queued', 0, null],
  );
  assert.equal(await sendDueMails(controller.deps), 0);
  const waiting = await mailWith(id);
  assert.deepEqual([waiting.state, waiting.attempts], ['queued', 1]);
  assert.match(waiting.lastAnswer ?? '', /ECONNREFUSED/);
  assert.ok(Date.parse(waiting.nextAttemptAt ?? '') > Date.now());

  await using server = await startSmtpServer({ port });
  // Not due yet, until somebody asks for it.
  assert.equal(await sendDueMails(controller.deps), 0);
  assert.equal((await call(controller, mailRoutes.retry, { id })).state, 'queued');
  assert.equal(await sendDueMails(controller.deps), 1);
  const sent = await mailWith(id);
  assert.deepEqual([sent.state, sent.attempts, sent.lastAnswer, sent.nextAttemptAt], ['sent', 2, '250 2.0.0 taken', null]);
  assert.ok(server.received[0]?.parsed.text?.includes(secretLink));
  const again = await refusal(controller, mailRoutes.retry, { id });
  assert.equal(again.status, 409);
  assert.match(again.message, /has been sent already/);
  const topics = await controller.deps.store.database.selectFrom('event').select('topic').where('entity_id', '=', id).execute();
  assert.deepEqual(
    topics.map(({ topic }) => topic),
    ['mail.queued', 'mail.retried', 'mail.sent'],
  );
});

test('the worker sends what is queued later, and what waited for a server that comes late', async () => {
  const user = await newUser();
  const port = await freePort();
  await useServer(port);
  const stop = startMailWorker({ ...controller.deps, job: controller.deps.metrics.job('mail') }, { retryDelay_ms: () => 100 });
  try {
    const early = await queue(user);
    await until('the first attempt', async () => (await mailWith(early)).attempts > 0);
    await using server = await startSmtpServer({ port });
    const late = await queue(await newUser());
    await until('both mails', async () => server.received.length === 2);
    await until(
      'both to be told',
      async () => (await mailWith(early)).state === 'sent' && (await mailWith(late)).state === 'sent',
    );
  } finally {
    await stop();
  }
});

test('a link in a mail is sealed while it waits, and gone when the mail is; nothing shows it', async () => {
  const id = await queue(await newUser());
  const sealed = await contentOf(id);
  assert.ok(sealed !== null);
  assert.equal(sealed.includes('s'.repeat(43)), false);
  await using server = await startSmtpServer();
  await useServer(server.port);
  assert.equal(await sendDueMails(controller.deps), 1);
  assert.equal(await contentOf(id), null);
  const list = await controller.request('GET', '/api/causeway/v1/mails');
  for (const text of [list.text, controller.logged()]) assert.equal(text.includes('s'.repeat(43)), false);
});

test('a receiver whom the server refuses for good is given up at once; by hand it is tried again', async () => {
  let refused = true;
  await using server = await startSmtpServer({
    refuse: () => (refused ? { code: 550, words: '5.1.1 no such mailbox' } : undefined),
  });
  await useServer(server.port);
  const id = await queue(await newUser());
  await sendDueMails(controller.deps, soon);
  const failed = await mailWith(id);
  assert.deepEqual([failed.state, failed.lastAnswer, failed.nextAttemptAt], ['failed', '550 5.1.1 no such mailbox', null]);
  const inState = async (state: string) =>
    (await call(controller, mailRoutes.list, { query: { state } })).content.map((mail) => mail.id);
  assert.ok((await inState('failed')).includes(id));
  assert.ok(!(await inState('queued')).includes(id));
  refused = false;
  assert.equal(await sendDueMails(controller.deps, soon), 0);
  await call(controller, mailRoutes.retry, { id });
  assert.equal(await sendDueMails(controller.deps, soon), 1);
});

test('attempts are bounded, and further and further apart', async () => {
  const port = await freePort();
  await useServer(port);
  const id = await queue(await newUser());
  for (let round = 0; round < maximumAttempts; round += 1) {
    assert.equal((await mailWith(id)).state, 'queued', `after ${String(round)} attempts`);
    await sendDueMails(controller.deps, soon);
  }
  const failed = await mailWith(id);
  assert.deepEqual([failed.state, failed.attempts], ['failed', maximumAttempts]);
  assert.equal((await call(controller, mailRoutes.retry, { id })).attempts, 0);
  const delays = Array.from({ length: maximumAttempts }, (_, index) => retryDelay_ms(index + 1));
  assert.deepEqual(
    delays,
    delays.toSorted((a, b) => a - b),
  );
  assert.deepEqual([delays[0], delays.at(-1)], [30_000, 6 * 3_600_000]);
  const days = delays.slice(0, -1).reduce((sum, delay) => sum + delay, 0) / 86_400_000;
  assert.ok(days > 2 && days < 7, String(days));
});

test('a server that refuses one receiver still gets the others; one that is not there gets one attempt a round', async () => {
  const users = [await newUser(), await newUser(), await newUser()];
  const [first] = users;
  const ids: MailId[] = [];
  for (const user of users) ids.push(await queue(user));
  await useServer(await freePort());
  await sendDueMails(controller.deps);
  const attempts = await Promise.all(ids.map(async (id) => (await mailWith(id)).attempts));
  assert.deepEqual(attempts, [1, 0, 0]);
  await using server = await startSmtpServer({
    refuse: (to) => (to === first?.email ? { code: 451, words: '4.7.1 later' } : undefined),
  });
  await useServer(server.port);
  assert.equal(await sendDueMails(controller.deps), 2);
  assert.equal((await mailWith(ids[0] as MailId)).state, 'queued');
});

test('several controllers on one database send each mail once', async () => {
  const ids: MailId[] = [];
  for (let count = 0; count < 12; count += 1) ids.push(await queue(await newUser()));
  await using server = await startSmtpServer();
  await useServer(server.port);
  const stores = Array.from({ length: 3 }, () =>
    openStore({ connectionString: controller.database.connectionString, maxConnections: 2 }),
  );
  try {
    const sent = await Promise.all(
      [...stores, ...stores].map(async (store) => await sendDueMails({ ...controller.deps, store })),
    );
    assert.equal(
      sent.reduce((sum, count) => sum + count, 0),
      ids.length,
    );
  } finally {
    await Promise.all(stores.map(async (store) => await store.close()));
  }
  const arrived = server.received.map(({ parsed }) => parsed.messageId ?? '').toSorted();
  assert.deepEqual(arrived, ids.map((id) => `<${id}@example.com>`).toSorted());
});

test('while one controller is sending a mail, no other one takes it, also not by hand', async () => {
  const id = await queue(await newUser());
  await using server = await startSmtpServer();
  await useServer(server.port);
  const { database } = controller.deps.store;
  await database
    .updateTable('mail')
    .set({ sending_until: sql<Date>`now() + interval '1 minute'` })
    .where('id', '=', id)
    .execute();
  await call(controller, mailRoutes.retry, { id });
  assert.equal(await sendDueMails(controller.deps), 0);
  // It died: the others take over.
  await database
    .updateTable('mail')
    .set({ sending_until: new Date(Date.now() - 1_000) })
    .where('id', '=', id)
    .execute();
  assert.equal(await sendDueMails(controller.deps), 1);
});

test('a mail whose link was replaced, withdrawn or has expired is not sent, and its text is gone', async () => {
  await using server = await startSmtpServer();
  await useServer(server.port);
  const user = await newUser();
  const replaced = await queue(user);
  const newer = await queue(user);
  const other = await newUser();
  const withdrawn = await queue(other);
  const { store } = controller.deps;
  await store.database.transaction().execute(async (trx) => withdrawMails(trx, other.id, 'invitation', 'the user is gone'));
  const expired = await queue(await newUser(), new Date(Date.now() - 1_000));
  assert.equal(await sendDueMails(controller.deps), 1);
  assert.equal((await mailWith(newer)).state, 'sent');
  for (const id of [replaced, withdrawn, expired]) {
    assert.equal((await mailWith(id)).state, 'withdrawn');
    assert.equal(await contentOf(id), null);
    assert.equal((await refusal(controller, mailRoutes.retry, { id })).status, 409);
  }
});

test('a retry needs a server, and a mail that is there', async () => {
  const id = await queue(await newUser());
  const unset = await refusal(controller, mailRoutes.retry, { id });
  assert.deepEqual([unset.status, unset.code], [409, 'conflict']);
  assert.match(unset.message, /Mail is not set up/);
  const unknown = await refusal(controller, mailRoutes.retry, { id: '00000000-0000-4000-8000-000000000000' });
  assert.equal(unknown.status, 404);
});

test('the mails of a user go with the user', async () => {
  const user = await newUser();
  await queue(user);
  await call(controller, userRoutes.remove, { id: user.id });
  assert.deepEqual((await call(controller, mailRoutes.list, { query: {} })).content, []);
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`waiting for ${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
