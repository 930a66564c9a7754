import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { MailKind, MailState } from '../../contract/api/mail.ts';
import { conflict, notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { MailId, UserId } from '../../core/ids.ts';
import type { ListPage } from '../domain/list-page.ts';
import { readPage } from '../domain/list-page.ts';
import type { ModelTrx, Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { SecretBox } from '../store/secret-box.ts';
import type { Letter, RenderedLetter } from './letter.ts';
import { renderLetter } from './letter.ts';

/**
 * The outbox. States: queued -> sent (the server took it); queued -> failed (refused for good, or tried too often) -> queued (by hand);
 * queued or failed -> withdrawn (its link is void or has expired). The text is sealed, and deleted when it is not needed any more.
 */
export type NewMail = {
  readonly kind: MailKind;
  readonly user: UserId;
  readonly recipient: string;
  readonly letter: Letter;
  /** The end of the link in it. */
  readonly expiresAt: Date;
};

/** queueMail writes a mail in the transaction that causes it, and withdraws earlier ones of the same kind: their links are void. */
export async function queueMail(trx: ModelTrx, secrets: SecretBox, mail: NewMail): Promise<MailId> {
  await withdrawMails(trx, mail.user, mail.kind, 'a newer link has replaced the one in it');
  const id = randomUUID() as string as MailId;
  const { name } = await trx.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
  const rendered = JSON.stringify(renderLetter(mail.letter, name));
  await trx
    .insertInto('mail')
    .values({
      id,
      kind: mail.kind,
      user_id: mail.user,
      recipient: mail.recipient,
      content: secrets.seal(secretName(id), Buffer.from(rendered, 'utf8')),
      expires_at: mail.expiresAt,
    })
    .execute();
  return id;
}

/** withdrawMails keeps what has not been sent from being sent; `because` is what the list then says. */
export async function withdrawMails(trx: ModelTrx, user: UserId, kind: MailKind, because: string): Promise<void> {
  await trx
    .updateTable('mail')
    .set({ state: 'withdrawn', content: null, settled_at: sql<Date>`now()`, answer: because })
    .where('user_id', '=', user)
    .where('kind', '=', kind)
    .where('content', 'is not', null)
    .execute();
}

const renderedLetter = z.object({ subject: z.string(), text: z.string(), html: z.string() });

/** openLetter gives the text of a mail that is to be sent. */
export function openLetter(secrets: SecretBox, id: MailId, content: Buffer): RenderedLetter {
  return renderedLetter.parse(JSON.parse(secrets.open(secretName(id), content).toString('utf8')));
}

function secretName(id: MailId): string {
  return `mail:${id}`;
}

/** MailView is a mail without what it says. */
export type MailView = Awaited<ReturnType<typeof readMail>>;

function select(reader: Reader) {
  return reader
    .selectFrom('mail')
    .select([
      'id',
      'kind',
      'user_id',
      'recipient',
      'state',
      'attempts',
      'answer',
      'created_at',
      'due_at',
      'settled_at',
      'expires_at',
    ])
    .orderBy('number', 'desc');
}

async function readMail(reader: Reader, id: MailId) {
  const row = await select(reader).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('mail', id);
  return row;
}

export async function listMails(
  reader: Reader,
  { state, ...query }: PageQuery & { readonly state?: MailState | undefined },
): Promise<ListPage<MailView>> {
  const mails = select(reader);
  const count = reader.selectFrom('mail').select(({ fn }) => fn.countAll<number>().as('total'));
  if (state === undefined) return await readPage(query, mails, count);
  return await readPage(query, mails.where('state', '=', state), count.where('state', '=', state));
}

/** retryMail makes a mail due at once, and gives one that was given up all its attempts again. Conflict where it must not be sent. */
export async function retryMail(change: Change, id: MailId): Promise<MailView> {
  const { trx } = change;
  const row = await trx
    .selectFrom('mail')
    .select(['state', 'answer', 'expires_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('mail', id);
  const done = refusalOf(row.state, row.expires_at <= change.now);
  if (done !== undefined) throw conflict('mail', `This mail ${done}`, { state: row.state });
  if ((await trx.selectFrom('mail_server').select('host').executeTakeFirst()) === undefined) {
    throw conflict('mail', 'Mail is not set up, so nothing can be sent. Set the mail server first, or hand the link over.');
  }
  await trx
    .updateTable('mail')
    .set({ state: 'queued', due_at: change.now, settled_at: null, ...(row.state === 'failed' ? { attempts: 0 } : {}) })
    .where('id', '=', id)
    .execute();
  change.record({ entity: 'mail', entityId: id, action: 'retried' });
  return await readMail(trx, id);
}

function refusalOf(state: MailView['state'], isExpired: boolean): string | undefined {
  switch (state) {
    case 'sent':
      return 'has been sent already. To send another one, make a new link.';
    case 'withdrawn':
      return 'was withdrawn, because its link is void. Make a new link.';
    case 'queued':
    case 'failed':
      return isExpired ? 'has a link that has expired. Make a new link.' : undefined;
  }
}
