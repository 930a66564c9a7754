import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { makePerson, signedInBrowser } from '../identity/test-people.ts';
import type { TestPerson } from '../identity/test-people.ts';
import type { Principal } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { UserRole } from '../store/schema.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { removeUser, setUserStatus, updateUser } from './users.ts';

let controller: TestController;
let owner: TestPerson;
before(async () => {
  controller = await testController();
  owner = await makePerson(controller, { username: 'owner', role: 'OWNER', password: null });
});
after(async () => {
  await controller.close();
});

let made = 0;
const someone = async (role: UserRole) => {
  made += 1;
  return await makePerson(controller, { username: `u${String(made)}`, role, password: null });
};
const roleOf = async ({ id }: TestPerson) =>
  (await controller.deps.store.database.selectFrom('app_user').select('role').where('id', '=', id).executeTakeFirst())?.role;

/** Who asks, from what role, to what role, and whether it may be. */
const changes: readonly (readonly [asker: UserRole, from: UserRole, to: UserRole, allowed: boolean])[] = [
  ['OWNER', 'MEMBER', 'ADMIN', true],
  ['OWNER', 'MEMBER', 'OWNER', true],
  ['OWNER', 'ADMIN', 'OWNER', true],
  ['OWNER', 'ADMIN', 'MEMBER', true],
  ['OWNER', 'OWNER', 'MEMBER', true],
  ['ADMIN', 'MEMBER', 'ADMIN', false],
  ['ADMIN', 'MEMBER', 'OWNER', false],
  ['ADMIN', 'ADMIN', 'OWNER', false],
  ['ADMIN', 'ADMIN', 'MEMBER', true],
  ['ADMIN', 'OWNER', 'ADMIN', false],
  ['ADMIN', 'OWNER', 'MEMBER', false],
  ['MEMBER', 'MEMBER', 'ADMIN', false],
  ['MEMBER', 'ADMIN', 'MEMBER', false],
];
for (const [asker, from, to, allowed] of changes) {
  test(`${asker} ${allowed ? 'may' : 'may not'} make an ${from} ${to}`, async () => {
    const person = await someone(from);
    const browser = await signedInBrowser(controller, await someone(asker));
    const answer = await browser.ask('PUT', `/api/v1/users/${person.id}`, { role: to });
    assert.equal(answer.status, allowed ? 200 : 403, answer.text);
    assert.equal(await roleOf(person), allowed ? to : from);
  });
}

test('nobody promotes themselves, nor makes a new user with a role that is not theirs to give', async () => {
  const admin = await someone('ADMIN');
  const browser = await signedInBrowser(controller, admin);
  const up = await browser.ask('PUT', `/api/v1/users/${admin.id}`, { role: 'OWNER' });
  assert.equal(up.status, 403);
  assert.match(up.text, /Nobody gives themselves a higher role/);
  for (const role of ['ADMIN', 'OWNER']) {
    assert.equal((await browser.ask('POST', '/api/v1/users', { username: `new ${role}`, role })).status, 403);
  }
  assert.equal((await browser.ask('POST', '/api/v1/users', { username: 'new MEMBER', role: 'MEMBER' })).status, 200);
});

test('an administrator changes nothing of an owner: the mail address would be a way in', async () => {
  const browser = await signedInBrowser(controller, await someone('ADMIN'));
  for (const [method, path, body] of [
    ['PUT', '', { email: 'mine@example.com' }],
    ['PUT', '/suspend', undefined],
    ['DELETE', '', undefined],
  ] as const) {
    const answer = await browser.ask(method, `/api/v1/users/${owner.id}${path}`, body);
    assert.equal(answer.status, 403, `${method} ${path}: ${answer.text}`);
  }
  const link = await browser.ask('POST', `users/${owner.id}/password-link`);
  assert.equal(link.status, 403);
});

test('a credential does no more to people than who made it, and one that is limited does nothing to administrators', async () => {
  const credential = async (authority: 'OWNER' | 'ADMIN', permission: 'all:modify' | 'user:modify') => {
    const token = await controller.tokenWith([permission]);
    await controller.deps.store.database
      .updateTable('api_credential')
      .set({ authority })
      .where('id', '=', (select) => select.selectFrom('api_credential').select('id').orderBy('number', 'desc').limit(1))
      .execute();
    return async (person: TestPerson, body: object) =>
      (
        await controller.app.inject({
          method: 'PUT',
          url: `/api/v1/users/${person.id}`,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          payload: JSON.stringify(body),
        })
      ).statusCode;
  };
  const [owners, admins, limited] = [
    await credential('OWNER', 'all:modify'),
    await credential('ADMIN', 'all:modify'),
    await credential('OWNER', 'user:modify'),
  ];
  const outcomes: number[] = [];
  for (const put of [owners, admins, limited]) {
    outcomes.push(
      await put(await someone('MEMBER'), { role: 'ADMIN' }),
      await put(await someone('MEMBER'), { role: 'OWNER' }),
      await put(await someone('ADMIN'), { email: 'x@example.com' }),
      await put(await someone('OWNER'), { email: 'x@example.com' }),
      await put(await someone('MEMBER'), { email: 'x@example.com' }),
    );
  }
  assert.deepEqual(outcomes, [200, 403, 200, 403, 200, 403, 403, 200, 403, 200, 403, 403, 403, 403, 200]);
});

/** Each of these starts with an installation of its own: whoever is left must be counted. */
async function withOwners(
  count: number,
  run: (fresh: TestController, owners: readonly TestPerson[]) => Promise<void>,
): Promise<void> {
  await using fresh = await testController();
  const owners: TestPerson[] = [];
  for (let index = 0; index < count; index += 1) {
    owners.push(await makePerson(fresh, { username: `owner${String(index)}`, role: 'OWNER', password: null }));
  }
  await run(fresh, owners);
}

const ownersLeft = async (fresh: TestController) =>
  (
    await fresh.deps.store.database
      .selectFrom('app_user')
      .select('id')
      .where('role', '=', 'OWNER')
      .where('status', '=', 'ACTIVE')
      .execute()
  ).length;

test('the last owner cannot be removed, suspended or demoted, not even by the owner', async () => {
  await withOwners(1, async (fresh, [last]) => {
    assert.ok(last !== undefined);
    const browser = await signedInBrowser(fresh, last);
    for (const [method, path, body] of [
      ['PUT', '', { role: 'MEMBER' }],
      ['PUT', '', { status: 'SUSPENDED' }],
      ['PUT', '/suspend', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      const answer = await browser.ask(method, `/api/v1/users/${last.id}${path}`, body);
      assert.equal(answer.status, 409, answer.text);
      assert.match(answer.text, /last owner/);
    }
    assert.equal(await browser.state(), 'signed-in');
  });
});

test('of owners who remove, demote and suspend each other at the same time one is left', async () => {
  await withOwners(6, async (fresh, owners) => {
    const browsers = await Promise.all(owners.map(async (person) => await signedInBrowser(fresh, person)));
    const answers = await Promise.all(
      browsers.map(async (browser, index) => {
        const other = owners[(index + 1) % owners.length]?.id ?? '';
        if (index % 3 === 0) return await browser.ask('DELETE', `/api/v1/users/${other}`);
        if (index % 3 === 1) return await browser.ask('PUT', `/api/v1/users/${other}`, { role: 'MEMBER' });
        return await browser.ask('PUT', `/api/v1/users/${other}/suspend`);
      }),
    );
    assert.ok((await ownersLeft(fresh)) >= 1);
    assert.ok(answers.every(({ status }) => [200, 204, 401, 403, 409].includes(status)));
  });
});

test('two transactions that each take the other owner are in order, and the second is refused', async () => {
  await withOwners(2, async (fresh, [one, two]) => {
    assert.ok(one !== undefined && two !== undefined);
    const { store } = fresh.deps;
    // Both have passed every check of HTTP: what is left is the transaction and the database.
    const take = async (by: TestPerson, from: TestPerson) => {
      const principal: Principal = { kind: 'person', id: by.id, name: by.username, role: 'OWNER', session: '' as never };
      await inModelTransaction(store, { principal, sourceAddress: null, requestId: null }, async (change) => {
        await updateUser(change, from.id, { role: 'MEMBER' } as never);
      });
    };
    const results = await Promise.allSettled([take(one, two), take(two, one)]);
    assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    assert.equal(await ownersLeft(fresh), 1);
  });
});

test('the database itself keeps the last owner, whatever the code above it lets through', async () => {
  await withOwners(1, async (fresh, [last]) => {
    const { store } = fresh.deps;
    for (const statement of [
      `update app_user set role = 'ADMIN'`,
      `update app_user set status = 'SUSPENDED'`,
      `delete from app_user where id = '${last?.id ?? ''}'`,
    ]) {
      const attempt = inModelTransaction(
        store,
        { principal: { kind: 'system' }, sourceAddress: null, requestId: null },
        async (change) => {
          await sql.raw(statement).execute(change.trx);
          change.record({ entity: 'user', entityId: 'x', action: 'written' });
        },
      );
      await assert.rejects(attempt, /is the last owner/);
    }
  });
});

test('root on the machine may take the last owner away: it is the way back', async () => {
  for (const act of ['remove', 'suspend', 'demote'] as const) {
    await withOwners(1, async (fresh, [last]) => {
      assert.ok(last !== undefined);
      const root = { principal: { kind: 'local-root' }, sourceAddress: null, requestId: null } as const;
      await inModelTransaction(fresh.deps.store, root, async (change) => {
        if (act === 'remove') await removeUser(change, last.id);
        else if (act === 'suspend') await setUserStatus(change, last.id, 'SUSPENDED');
        else await updateUser(change, last.id, { role: 'MEMBER' } as never);
      });
      assert.equal(await ownersLeft(fresh), 0);
    });
  }
});

test('an owner whose role was taken while the request was under way gives no roles any more', async () => {
  const [former, member] = [await someone('MEMBER'), await someone('MEMBER')];
  const principal: Principal = { kind: 'person', id: former.id, name: former.username, role: 'OWNER', session: '' as never };
  const attempt = inModelTransaction(
    controller.deps.store,
    { principal, sourceAddress: null, requestId: null },
    async (change) => {
      await updateUser(change, member.id, { role: 'ADMIN' } as never);
    },
  );
  await assert.rejects(attempt, /given only by an OWNER/);
});
