import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import { invitationRoutes } from '../../contract/api/invitation.ts';
import { mailRoutes } from '../../contract/api/mail.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { errorResponse } from '../../contract/errors.ts';
import { webSessionState } from '../../contract/api/web-session.ts';
import type { UserId } from '../../core/ids.ts';
import { sendDueMails } from '../mail/send-due-mails.ts';
import { startSmtpServer } from '../mail/test-smtp-server.ts';
import { call, nastyNames, refusal } from '../routes/test-api.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { goodPassword, makePerson, signedInBrowser, TestBrowser } from './test-people.ts';

let controller: TestController;
before(async () => {
  controller = await testController();
});
after(async () => {
  await controller.close();
});
afterEach(async () => {
  const { database } = controller.deps.store;
  await database.deleteFrom('mail').execute();
  await database.deleteFrom('mail_server').execute();
});

const unique = (): string => `u-${randomBytes(5).toString('hex')}`;
const tokenOf = (link: string): string => {
  const [page, token = ''] = link.split('#');
  assert.equal(page, 'https://causeway.test/invitation');
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  return token;
};

async function invited(changes: object = {}) {
  const username = unique();
  const body = { username, email: `${username}@example.com`, invite: true, ...changes };
  const { user, invitation } = await call(controller, invitationRoutes.createUser, { body });
  assert.ok(invitation !== null);
  return { user, invitation, token: tokenOf(invitation.link) };
}

async function post(path: string, body: object, browser = new TestBrowser(controller)) {
  return await browser.ask('POST', path, body);
}

/** What whoever holds a link is told: status and reason. */
async function verdictOn(token: string): Promise<readonly [number, unknown]> {
  const inspected = await post('invitations/inspect', { token });
  const accepted = await post('invitations/accept', { token, password: goodPassword });
  assert.deepEqual([inspected.status, inspected.text], [accepted.status, accepted.text]);
  const { errorDetails } = errorResponse.parse(inspected.json());
  return [inspected.status, errorDetails['token']?.[0]?.params['reason']];
}

async function useServer(port: number): Promise<void> {
  const body = { host: '127.0.0.1', port, security: 'none', senderAddress: 'causeway@example.com' };
  await call(controller, mailRoutes.writeSettings, { body });
}

test('from the mail to being signed in: the link of the mail lets exactly its user in', async () => {
  await using server = await startSmtpServer();
  await useServer(server.port);
  const { user, invitation, token } = await invited();
  assert.equal(invitation.mailed, true);
  assert.equal(user.status, 'INVITED');
  assert.equal(await sendDueMails(controller.deps), 1);
  const [mail] = server.received;
  assert.deepEqual(mail?.envelope.to, [user.email]);
  assert.ok(mail.parsed.text?.includes(invitation.link));
  assert.match(mail.parsed.subject ?? '', /^Your invitation to /);

  // Scanners of mail open links, with any method that opens; only what the page posts counts.
  for (const method of ['GET', 'HEAD'] as const) await controller.app.inject({ method, url: '/invitation' });
  for (let count = 0; count < 3; count += 1) {
    const seen = await post('invitations/inspect', { token });
    assert.deepEqual(seen.json(), {
      username: user.username,
      email: user.email,
      wpcName: 'My WPC',
      expiresAt: invitation.expiresAt,
    });
  }
  const browser = new TestBrowser(controller);
  const weak = await post('invitations/accept', { token, password: 'passwordpassword' }, browser);
  assert.equal(weak.status, 400);
  const accepted = await post('invitations/accept', { token, password: goodPassword }, browser);
  assert.equal(accepted.status, 200, accepted.text);
  const state = webSessionState.parse(accepted.json());
  assert.deepEqual([state.state, state.person?.id, state.person?.role], ['signed-in', user.id, 'MEMBER']);
  assert.equal(await browser.state(), 'signed-in');
  assert.equal((await call(controller, userRoutes.read, { id: user.id })).status, 'ACTIVE');
  assert.equal((await new TestBrowser(controller).signIn(user.username)).status, 200);
  assert.deepEqual(await verdictOn(token), [409, 'used']);
});

test('without mail, and without an address, the link is answered to be handed over', async () => {
  const { invitation, token } = await invited();
  assert.equal(invitation.mailed, false);
  assert.equal((await post('invitations/accept', { token, password: goodPassword })).status, 200);
  await using server = await startSmtpServer();
  await useServer(server.port);
  const nowhere = await invited({ email: undefined });
  assert.equal(nowhere.invitation.mailed, false);
  assert.equal(nowhere.user.status, 'INVITED');
  assert.equal((await post('invitations/inspect', { token: nowhere.token })).status, 200);
});

test('a user is created without an invitation where none is wanted', async () => {
  const username = unique();
  const { user, invitation } = await call(controller, invitationRoutes.createUser, { body: { username } });
  assert.deepEqual([invitation, user.status], [null, 'ACTIVE']);
  const later = await call(controller, invitationRoutes.create, { id: user.id });
  assert.equal((await post('invitations/accept', { token: tokenOf(later.link), password: goodPassword })).status, 200);
});

test('a link that is over says why to who holds it: replaced, expired, suspended, withdrawn; of others nothing is known', async () => {
  const { database } = controller.deps.store;
  const first = await invited();
  const newer = await call(controller, invitationRoutes.create, { id: first.user.id });
  assert.deepEqual(await verdictOn(first.token), [409, 'replaced']);
  assert.equal((await post('invitations/inspect', { token: tokenOf(newer.link) })).status, 200);

  const expired = await invited();
  const past = { expires_at: sql<Date>`now() - interval '1 second'` };
  await database
    .updateTable('invitation')
    .set(past)
    .where('user_id', '=', expired.user.id as UserId)
    .execute();
  assert.deepEqual(await verdictOn(expired.token), [409, 'expired']);

  const suspended = await invited();
  await call(controller, userRoutes.suspend, { id: suspended.user.id });
  assert.deepEqual(await verdictOn(suspended.token), [409, 'suspended']);
  const again = await refusal(controller, invitationRoutes.create, { id: suspended.user.id });
  assert.deepEqual([again.status, again.field], [409, 'status']);

  const removed = await invited();
  await call(controller, userRoutes.remove, { id: removed.user.id });
  assert.deepEqual(await verdictOn(removed.token), [404, undefined]);
  assert.deepEqual(await verdictOn('x'.repeat(43)), [404, undefined]);
  assert.equal((await post('invitations/inspect', { token: 'short' })).status, 400);
});

test('a link ends with the role and the address for which it was made, and so does the mail with it', async () => {
  await using server = await startSmtpServer();
  await useServer(server.port);
  for (const change of [{ role: 'ADMIN' }, { email: 'other@example.com' }]) {
    const { user, token } = await invited();
    await call(controller, userRoutes.update, { id: user.id, body: change });
    assert.deepEqual(await verdictOn(token), [409, 'withdrawn'], JSON.stringify(change));
  }
  assert.equal(await sendDueMails(controller.deps), 0);
  const kept = await invited();
  await call(controller, userRoutes.update, { id: kept.user.id, body: { firstName: 'Bob' } });
  assert.equal((await post('invitations/inspect', { token: kept.token })).status, 200);
});

test('of many who accept at once one gets in, and the password is that one’s', async () => {
  const { user, token } = await invited();
  const passwords = Array.from({ length: 6 }, (_, index) => `${goodPassword} ${String(index)}`);
  const answers = await Promise.all(passwords.map(async (password) => await post('invitations/accept', { token, password })));
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409, 409, 409, 409],
  );
  const winner = answers.findIndex(({ status }) => status === 200);
  for (const [index, password] of passwords.entries()) {
    const { status } = await new TestBrowser(controller).signIn(user.username, password);
    assert.equal(status === 200, index === winner, `password ${String(index)}`);
  }
});

test('of many invitations at once the last is good, and the others are replaced', async () => {
  const { user } = await invited();
  const made = await Promise.all(
    Array.from({ length: 5 }, async () => await call(controller, invitationRoutes.create, { id: user.id })),
  );
  const statuses = await Promise.all(
    made.map(async ({ link }) => (await post('invitations/inspect', { token: tokenOf(link) })).status),
  );
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 409, 409, 409, 409],
  );
});

test('whoever has a password is not invited: it would be a way into an account that somebody uses', async () => {
  const person = await makePerson(controller, { username: unique() });
  const refused = await refusal(controller, invitationRoutes.create, { id: person.id });
  assert.equal(refused.status, 409);
  assert.match(refused.message, /has a password already/);
});

test('who may invite whom: nobody above oneself, members nobody, a credential only with user:modify', async () => {
  const [owner, admin, member] = await Promise.all(
    (['OWNER', 'ADMIN', 'MEMBER'] as const).map(async (role) => {
      return await signedInBrowser(controller, await makePerson(controller, { username: unique(), role }));
    }),
  );
  const targets = await Promise.all(
    (['OWNER', 'ADMIN', 'MEMBER'] as const).map(async (role) => {
      return await makePerson(controller, { username: unique(), role, status: 'INVITED', password: null });
    }),
  );
  const expected: readonly (readonly [TestBrowser | undefined, readonly number[]])[] = [
    [owner, [200, 200, 200]],
    [admin, [403, 200, 200]],
    [member, [403, 403, 403]],
  ];
  for (const [browser, statuses] of expected) {
    const answers: (number | undefined)[] = [];
    for (const { id } of targets) answers.push((await browser?.ask('POST', `users/${id}/invitation`))?.status);
    assert.deepEqual(answers, statuses);
  }
  const withToken = async (permission: 'user:read' | 'user:modify', id: string | undefined): Promise<number> => {
    const authorization = `Bearer ${await controller.tokenWith([permission])}`;
    const url = `/api/causeway/v1/users/${String(id)}/invitation`;
    return (await controller.app.inject({ method: 'POST', url, headers: { authorization } })).statusCode;
  };
  assert.equal(await withToken('user:read', targets[2]?.id), 403);
  assert.equal(await withToken('user:modify', targets[2]?.id), 200);
  assert.equal(await withToken('user:modify', targets[1]?.id), 403);
});

test('the secret is in the database as a hash, and in no log, event or audit', async () => {
  const { token, user } = await invited();
  assert.equal((await post('invitations/accept', { token, password: goodPassword })).status, 200);
  const { rows } = await sql<{ text: string }>`
    select (select jsonb_agg(to_jsonb(i)) from invitation i)::text || (select jsonb_agg(to_jsonb(a)) from audit a)::text
      || (select jsonb_agg(to_jsonb(e)) from event e)::text as text`.execute(controller.deps.store.database);
  for (const text of [rows[0]?.text ?? '', controller.logged()]) {
    assert.ok(text.length > 0);
    for (const secret of [token, goodPassword]) assert.equal(text.includes(secret), false);
  }
  const audit = await controller.deps.store.database
    .selectFrom('audit')
    .select(['action', 'principal_name', 'source_address'])
    .where('entity_id', '=', user.id)
    .orderBy('id')
    .execute();
  assert.deepEqual(
    audit.map(({ action, principal_name }) => `${action} by ${principal_name}`),
    [
      'created by test',
      'invited by test',
      'invitation-accepted by invitation link',
      'activated by invitation link',
      'signed-in by invitation link',
    ],
  );
  assert.equal(audit.find(({ action }) => action === 'invitation-accepted')?.source_address, '127.0.0.1');
});

test('names that break mails break none: each is invited, and its mail has one receiver and the usual headers', async () => {
  await using server = await startSmtpServer();
  await useServer(server.port);
  const names = nastyNames.filter((name) => Array.from(name).length <= 120);
  for (const [index, name] of names.entries()) {
    await invited({ username: `${name}${unique()}`, email: `n${String(index)}@example.com` });
  }
  assert.equal(await sendDueMails(controller.deps), names.length);
  for (const { parsed, envelope } of server.received) {
    assert.equal(envelope.to.length, 1);
    assert.equal(parsed.headers.has('bcc'), false);
    assert.doesNotMatch(String(parsed.html), /<script/);
    assert.doesNotMatch(parsed.text ?? '', /[\u202a-\u202e]/);
  }
});

test('a password link is mailed to who forgot the password, and to nobody else, with the same answer', async () => {
  await using server = await startSmtpServer();
  await useServer(server.port);
  const known = await makePerson(controller, { username: unique(), email: `${unique()}@example.com` });
  const { email } = await controller.deps.store.database
    .selectFrom('app_user')
    .select('email')
    .where('id', '=', known.id)
    .executeTakeFirstOrThrow();
  const suspended = await makePerson(controller, { username: unique(), email: 'suspended@example.com', status: 'SUSPENDED' });
  const uninvited = await makePerson(controller, { username: unique(), email: 'new@example.com', password: null });
  const names = [email, 'nobody@example.com', suspended.username, uninvited.username, 'x'.repeat(120)];
  const answers = await Promise.all(names.map(async (name) => await post('password-reset', { email: name })));
  assert.deepEqual(new Set(answers.map(({ status, text }) => `${String(status)} ${text}`)), new Set(['204 ']));
  await until('the mail', async () => (await sendDueMails(controller.deps)) >= 0 && server.received.length > 0);
  const [mail] = server.received;
  assert.deepEqual(mail?.envelope.to, [email]);
  const token = /new-password#([A-Za-z0-9_-]{43})/.exec(mail.parsed.text ?? '')?.[1] ?? '';
  const done = await post('password-reset/complete', { token, password: 'another good pass phrase' });
  assert.equal(done.status, 204, done.text);
  assert.equal((await new TestBrowser(controller).signIn(known.username, 'another good pass phrase')).status, 200);
  assert.equal((await call(controller, mailRoutes.list, { query: {} })).totalElements, 1);
});

test('a page is told whether mail can be sent', async () => {
  const sendsMail = async () =>
    webSessionState.parse((await new TestBrowser(controller).ask('GET', 'session')).json()).server.sendsMail;
  assert.equal(await sendsMail(), false);
  await useServer(25);
  assert.equal(await sendsMail(), true);
});

test('people test the mail server with their own address, whatever they name', async () => {
  await using server = await startSmtpServer();
  await useServer(server.port);
  const person = await makePerson(controller, { username: unique(), role: 'ADMIN', email: 'admin@example.com' });
  const browser = await signedInBrowser(controller, person);
  const answer = await browser.ask('POST', 'settings/mail/test', { to: 'else@example.com' });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(server.received[0]?.envelope.to, ['admin@example.com']);
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`waiting for ${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
