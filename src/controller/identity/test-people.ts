/** People and their browsers, for tests: real rows, real cookies, real requests. */
import type { InjectOptions } from 'fastify';
import type { UserGroupId, UserId } from '../../core/ids.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { UserRole, UserStatus } from '../store/schema.ts';
import type { TestController } from '../test-controller.ts';
import { writePassword } from './accounts.ts';
import { hashPassword } from './password-hash.ts';
import { startWebSession } from './web-sessions.ts';

/** What our own pages send with what they post. */
export const ownPage = { 'x-causeway': '1', 'sec-fetch-site': 'same-origin' } as const;

export const goodPassword = 'correct horse battery staple';

type Method = NonNullable<InjectOptions['method']>;
export type BrowserAnswer = { readonly status: number; readonly text: string; readonly json: () => unknown };

/** TestBrowser keeps cookies as a browser does, and speaks as our pages do. */
export class TestBrowser {
  readonly #controller: TestController;
  readonly #from: string;
  readonly cookies = new Map<string, string>();

  constructor(controller: TestController, from = '127.0.0.1') {
    this.#controller = controller;
    this.#from = from;
  }

  /** The Set-Cookie lines of the last answer. */
  setCookies: readonly string[] = [];
  /** The headers of the last answer. */
  headers: Readonly<Record<string, unknown>> = {};

  async ask(method: Method, path: string, body?: unknown, headers: Record<string, string> = ownPage): Promise<BrowserAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#controller.app.inject({
      method,
      url: path.startsWith('/') ? path : `/api/causeway/v1/${path}`,
      remoteAddress: this.#from,
      headers: {
        ...headers,
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    this.setCookies = [answer.headers['set-cookie'] ?? []].flat();
    this.headers = answer.headers;
    for (const line of this.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { status: answer.statusCode, text: answer.body, json: () => JSON.parse(answer.body) as unknown };
  }

  async signIn(username: string, password: string = goodPassword): Promise<BrowserAnswer> {
    return await this.ask('POST', 'sign-in', { username, password });
  }

  /** `signed-in`, `signed-out`, … as the controller sees this browser. */
  async state(): Promise<string> {
    return ((await this.ask('GET', 'session')).json() as { state: string }).state;
  }
}

export type TestPerson = { readonly id: UserId; readonly username: string };

/** makePerson makes a user with a password; `password: null` makes one without. */
export async function makePerson(
  controller: TestController,
  person: {
    readonly username: string;
    readonly role?: UserRole;
    readonly status?: UserStatus;
    readonly email?: string;
    readonly password?: string | null;
  },
): Promise<TestPerson> {
  const { username, role = 'MEMBER', status = 'ACTIVE', email = '', password = goodPassword } = person;
  const { store } = controller.deps;
  const id = await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const group = trx.selectFrom('user_group').select('id').orderBy('number').limit(1);
    const row = await trx
      .insertInto('app_user')
      .values({ username, role, status, email, group_id: group })
      .returning('id')
      .executeTakeFirstOrThrow();
    record({ entity: 'user', entityId: row.id, action: 'created' });
    return row.id;
  });
  if (password !== null) await writePassword(store.database, id, await hashPassword(password));
  return { id, username };
}

/** demandSecondFactor moves the person into a group that demands one. */
export async function demandSecondFactor({ deps }: TestController, { id, username }: TestPerson): Promise<UserGroupId> {
  return await inModelTransaction(deps.store, systemActor, async ({ trx, record }) => {
    const group = await trx
      .insertInto('user_group')
      .values({ name: `second factor for ${username}`, second_factor: 'REQUIRED' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx.updateTable('app_user').set({ group_id: group.id }).where('id', '=', id).execute();
    record({ entity: 'user', entityId: id, action: 'updated' });
    return group.id;
  });
}

/** signedInBrowser is a browser in which the person is signed in already. */
export async function signedInBrowser(controller: TestController, person: TestPerson): Promise<TestBrowser> {
  const browser = new TestBrowser(controller);
  const facts = { sourceAddress: '127.0.0.1', userAgent: 'test' };
  const { token } = await startWebSession(controller.deps.store.database, person.id, 'signed-in', facts);
  browser.cookies.set('__Host-causeway', token);
  return browser;
}

/** unbase32 reads the secret that an authenticator app is given. */
export function unbase32(text: string): Buffer {
  const bits = Array.from(text, (letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join(
    '',
  );
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
