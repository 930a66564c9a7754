/** A device of a person whose group asks at connect, and the gateway that asks, for tests: real rows, real requests with the gateway's token. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { z } from 'zod';
import { deviceRoutes } from '../../contract/api/device.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { AttemptsDecided, PasswordOutcome } from '../../contract/connect-attempt.ts';
import { attemptsDecided, passwordOutcome, startedAttempt } from '../../contract/connect-attempt.ts';
import type { ConnectAuth } from '../../core/connect-authentication.ts';
import type { DeviceId, UserGroupId } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { totpSecretName } from '../identity/second-factor.ts';
import type { TestPerson } from '../identity/test-people.ts';
import { makePerson } from '../identity/test-people.ts';
import { newTotpSecret, totpCode, totpStep } from '../identity/totp.ts';
import { systemActor } from '../principal.ts';
import { call } from '../routes/test-api.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';

export const clientAddress = '203.0.113.7';

export type TestDevice = {
  readonly id: DeviceId;
  readonly serial: string;
  readonly person: TestPerson;
  readonly group: UserGroupId;
};

/** TestGateway asks as a gateway does. */
export class TestGateway {
  readonly #controller: TestController;
  readonly #token: string;

  private constructor(controller: TestController, token: string) {
    this.#controller = controller;
    this.#token = token;
  }

  static async make(controller: TestController, region = 'eu-central-1'): Promise<TestGateway> {
    const token = newSecret();
    await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
      const row = await trx
        .insertInto('gateway')
        .values({ name: region, region: region as never, token_sha256: hashSecret(token) })
        .returning('id')
        .executeTakeFirstOrThrow();
      record({ entity: 'gateway', entityId: row.id, action: 'created' });
    });
    return new TestGateway(controller, token);
  }

  async ask(what: string, body: object): Promise<{ readonly status: number; readonly text: string }> {
    const options: InjectOptions = {
      method: 'POST',
      url: `/gateway/v1/connect-attempts${what}`,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    };
    const answer = await this.#controller.app.inject(options);
    return { status: answer.statusCode, text: answer.body };
  }

  /** start gives the attempt, and the token at the end of its link. */
  async start({ serial }: TestDevice, from = clientAddress): Promise<{ readonly attempt: string; readonly token: string }> {
    const { status, text } = await this.ask('', { serial, clientAddress: from });
    assert.equal(status, 200, text);
    const { attempt, url } = startedAttempt.parse(JSON.parse(text));
    const [, token = ''] = /^https:\/\/causeway\.test\/c\/([A-Za-z0-9_-]{22})$/.exec(url) ?? [];
    assert.notEqual(token, '', url);
    return { attempt, token };
  }

  async decided(...attempts: readonly string[]): Promise<AttemptsDecided['decided']> {
    const { status, text } = await this.ask('/decided', { attempts });
    assert.equal(status, 200, text);
    return attemptsDecided.parse(JSON.parse(text)).decided;
  }

  async password({ serial }: TestDevice, username: string, password: string, from = clientAddress): Promise<PasswordOutcome> {
    const { status, text } = await this.ask('/password', { serial, clientAddress: from, username, password });
    assert.equal(status, 200, text);
    return passwordOutcome.parse(JSON.parse(text));
  }
}

let people = 0;

/** makeDevice makes a person in a group of their own, with a device and its certificate. */
export async function makeDevice(
  controller: TestController,
  connectAuth: ConnectAuth,
  person: Partial<Parameters<typeof makePerson>[1]> = {},
): Promise<TestDevice> {
  people += 1;
  const username = `person${String(people)}`;
  const { store } = controller.deps;
  const { id } = await call(controller, userGroupRoutes.create, { body: { name: `Group of ${username}`, connectAuth } });
  const group = id as UserGroupId;
  const made = await makePerson(controller, { username, ...person });
  await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    await trx.updateTable('app_user').set({ group_id: group }).where('id', '=', made.id).execute();
    record({ entity: 'user', entityId: made.id, action: 'updated' });
  });
  const device = await call(controller, deviceRoutes.create, {
    query: { userId: made.id },
    body: { name: `laptop of ${username}` },
  });
  const serial = randomBytes(16).toString('hex');
  await inModelTransaction(store, systemActor, async ({ trx, record, now }) => {
    const owner = { device_id: z.uuid().parse(device.id) as DeviceId, connector_id: null };
    const times = { not_before: now, not_after: new Date(now.getTime() + 86_400_000) };
    await trx
      .insertInto('certificate')
      .values({ serial: serial as never, ...owner, ...times })
      .execute();
    record({ entity: 'certificate', entityId: serial, action: 'issued' });
  });
  return { id: device.id as DeviceId, serial, person: made, group };
}

/** addTotp gives a person an authenticator app, and the function that tells its code, `steps` from now. */
export async function addTotp({ deps }: TestController, { id }: TestPerson): Promise<(steps?: number) => string> {
  const secret = newTotpSecret();
  const sealed = deps.secrets.seal(totpSecretName(id), secret);
  await deps.store.database.updateTable('account').set({ totp_secret: sealed }).where('user_id', '=', id).execute();
  return (steps = 0) => totpCode(secret, totpStep(deps.clock()) + steps);
}

/** authenticatedAt is when somebody last proved at connect that the device is theirs, as gateways are told. */
export async function authenticatedAt({ deps }: TestController, { id }: TestDevice): Promise<Date | undefined> {
  const row = await deps.store.database
    .selectFrom('device_authentication')
    .select('authenticated_at')
    .where('device_id', '=', id)
    .executeTakeFirst();
  return row?.authenticated_at;
}

/** auditOf is what the audit has of a device at connect, oldest first. */
export async function auditOf({ deps }: TestController, { id }: TestDevice) {
  return await deps.store.database
    .selectFrom('audit')
    .select(['action', 'principal_kind', 'principal_name', 'source_address', 'after'])
    .where('entity_id', '=', id)
    .where('action', 'in', ['authenticated', 'connect-refused'])
    .orderBy('id')
    .execute();
}
