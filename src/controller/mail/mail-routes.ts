import type { Mail } from '../../contract/api/mail.ts';
import { mailRoutes } from '../../contract/api/mail.ts';
import { toPage } from '../../contract/page.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { allowed, serve } from '../routes/serve.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { readMailServer, removeMailServer, writeMailServer } from './mail-server.ts';
import type { MailView } from './outbox.ts';
import { listMails, retryMail } from './outbox.ts';
import { sendTestMail } from './send-test-mail.ts';

/** registerMail: the mail server, and the outbox. */
export const registerMail: RegisterRoutes = (app, deps) => {
  const { store } = deps;
  serve(app, mailRoutes.readSettings, allowed('settings:read'), async () => ({ server: await readMailServer(store.database) }));
  serve(app, mailRoutes.writeSettings, allowed('settings:modify'), async ({ actor, body }) => ({
    server: await writeMailServer(deps, actor, body),
  }));
  serve(app, mailRoutes.removeSettings, allowed('settings:modify'), async ({ actor }) => removeMailServer(store, actor));
  serve(app, mailRoutes.test, allowed('settings:modify'), async ({ actor, body }) =>
    sendTestMail(deps, actor, body.to ?? undefined),
  );
  // Who may read users may see which of them were written to.
  serve(app, mailRoutes.list, allowed('user:read'), async ({ query }) => {
    const { items, total } = await listMails(store.database, query);
    return toPage(items.map(mailAnswer), total, query);
  });
  serve(app, mailRoutes.retry, allowed('user:modify'), async ({ actor, id }) =>
    mailAnswer(await inModelTransaction(store, actor, async (change) => retryMail(change, objectId('mail', id)))),
  );
};

function mailAnswer(mail: MailView): Mail {
  return {
    id: mail.id,
    kind: mail.kind,
    userId: mail.user_id,
    recipient: mail.recipient,
    state: mail.state,
    attempts: mail.attempts,
    lastAnswer: mail.answer,
    createdAt: mail.created_at.toISOString(),
    nextAttemptAt: mail.state === 'queued' ? mail.due_at.toISOString() : null,
    settledAt: mail.settled_at?.toISOString() ?? null,
    expiresAt: mail.expires_at.toISOString(),
  };
}
