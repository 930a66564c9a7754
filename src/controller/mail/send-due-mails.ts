import { sql } from 'kysely';
import type { FastifyBaseLogger } from 'fastify';
import type { MailId } from '../../core/ids.ts';
import type { InstallationInfo } from '../deps.ts';
import { appendEvents } from '../store/model-transaction.ts';
import type { SecretBox } from '../store/secret-box.ts';
import type { Store } from '../store/store.ts';
import { openMailServer } from './mail-server.ts';
import { openLetter } from './outbox.ts';
import { MailTrouble, sendBySmtp } from './smtp.ts';
import type { MailServer } from './smtp.ts';

export type SendDeps = {
  readonly store: Store;
  readonly secrets: SecretBox;
  readonly installation: Pick<InstallationInfo, 'hostname'>;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
};

export type SendOptions = {
  readonly signal?: AbortSignal;
  /** How long to wait after so many attempts. */
  readonly retryDelay_ms?: (attempts: number) => number;
};

/** Some three days, in which somebody looks after a mail server that is down; links of invitations live for seven. */
export const maximumAttempts = 20;

/** retryDelay_ms doubles from half a minute: a server that defers strangers (greylisting) asks them to wait for minutes, not hours. */
export function retryDelay_ms(attempts: number): number {
  return Math.min(30_000 * 2 ** (attempts - 1), 6 * 3_600_000);
}

/** Longer than any attempt takes (the limits of smtp.ts together), so that nobody takes a mail away from who is sending it. */
const lease = '5 minutes';

/**
 * sendDueMails sends what is due, one after the other, and gives how many the server took. Several controllers may do it at once: each mail
 * is claimed by one of them. Should that one die in between, the mail is tried again after the lease, and may then arrive twice, with the
 * same Message-ID. A server that cannot be reached ends the round; the mails behind it wait for the next one.
 */
export async function sendDueMails(deps: SendDeps, options: SendOptions = {}): Promise<number> {
  await withdrawExpired(deps.store);
  const server = await openMailServer(deps.store.database, deps.secrets);
  if (server === undefined) return 0;
  let sent = 0;
  while (options.signal?.aborted !== true) {
    const mail = await claim(deps.store);
    if (mail === undefined) break;
    const outcome = await attempt(deps, server, mail, options);
    if (outcome === 'sent') sent += 1;
    if (outcome === 'unreachable') break;
  }
  return sent;
}

type Claimed = NonNullable<Awaited<ReturnType<typeof claim>>>;

async function claim(store: Store) {
  return await store.database
    .updateTable('mail')
    .set((set) => ({ attempts: set('attempts', '+', 1), sending_until: sql<Date>`now() + ${lease}::interval` }))
    .where('id', '=', (query) =>
      query
        .selectFrom('mail')
        .select('id')
        .where('state', '=', 'queued')
        .where('due_at', '<=', sql<Date>`now()`)
        .where('expires_at', '>', sql<Date>`now()`)
        .where((where) => where.or([where('sending_until', 'is', null), where('sending_until', '<=', sql<Date>`now()`)]))
        .orderBy('due_at')
        .orderBy('number')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'user_id', 'recipient', 'content', 'attempts'])
    .executeTakeFirst();
}

async function attempt(
  deps: SendDeps,
  server: MailServer,
  mail: Claimed,
  options: SendOptions,
): Promise<'sent' | 'unreachable' | 'later'> {
  try {
    // The database keeps content and state together.
    if (mail.content === null) throw new Error(`mail ${mail.id} is queued without its text`);
    const letter = openLetter(deps.secrets, mail.id, mail.content);
    const { hostname } = deps.installation;
    const words = await sendBySmtp(
      server,
      { id: mail.id, to: mail.recipient, letter },
      {
        hostname,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
    );
    await settle(deps, mail, { state: 'sent', answer: words });
    return 'sent';
  } catch (error) {
    const isGivenUp = mail.attempts >= maximumAttempts || (error instanceof MailTrouble && error.kind === 'refused');
    const answer = error instanceof MailTrouble ? error.message : 'Causeway could not read this mail; its log says why.';
    deps.log.warn({ err: error, mail: mail.id, attempts: mail.attempts, isGivenUp }, 'a mail could not be sent');
    if (isGivenUp) await settle(deps, mail, { state: 'failed', answer });
    else await postpone(deps.store, mail.id, answer, (options.retryDelay_ms ?? retryDelay_ms)(mail.attempts));
    return error instanceof MailTrouble && error.kind === 'unreachable' ? 'unreachable' : 'later';
  }
}

/** A mail that was withdrawn while it was being sent stays so: what counts is that its link is void. */
async function settle(
  { store, log }: SendDeps,
  mail: Claimed,
  result: { readonly state: 'sent' | 'failed'; readonly answer: string },
): Promise<void> {
  await store.database
    .updateTable('mail')
    .set({
      ...result,
      ...(result.state === 'sent' ? { content: null } : {}),
      settled_at: sql<Date>`now()`,
      sending_until: null,
    })
    .where('id', '=', mail.id)
    .where('state', '=', 'queued')
    .execute();
  await appendEvents(store, [
    { topic: `mail.${result.state}`, entity: 'mail', entityId: mail.id, payload: { user: mail.user_id } },
  ]);
  if (result.state === 'sent') log.info({ mail: mail.id, attempts: mail.attempts }, 'a mail was sent');
}

async function postpone(store: Store, id: MailId, answer: string, delay_ms: number): Promise<void> {
  await store.database
    .updateTable('mail')
    .set({ answer, due_at: sql<Date>`now() + ${`${String(delay_ms)} milliseconds`}::interval`, sending_until: null })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute();
}

async function withdrawExpired(store: Store): Promise<void> {
  await store.database
    .updateTable('mail')
    .set({ state: 'withdrawn', content: null, settled_at: sql<Date>`now()`, answer: 'its link has expired' })
    .where('content', 'is not', null)
    .where('expires_at', '<=', sql<Date>`now()`)
    .execute();
}
