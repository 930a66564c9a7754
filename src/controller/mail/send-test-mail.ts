import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { isMailAddress } from '../../contract/api/mail.ts';
import type { mailTest } from '../../contract/api/mail.ts';
import { conflict, invalidInput } from '../../contract/errors.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { recordAudit } from '../store/model-transaction.ts';
import { renderLetter } from './letter.ts';
import { testLetter } from './letters.ts';
import { openMailServer } from './mail-server.ts';
import { MailTrouble, sendBySmtp } from './smtp.ts';

/**
 * sendTestMail sends at once, outside the queue, because somebody waits for the answer: what the server said, good or bad. People get it
 * themselves; a program has no address and names one. Throws conflict where mail is not set up.
 */
export async function sendTestMail(
  deps: Pick<ControllerDeps, 'store' | 'secrets' | 'installation'>,
  actor: Actor,
  named: string | undefined,
): Promise<z.input<typeof mailTest>> {
  const { database } = deps.store;
  const to = await receiverOf(database, actor, named);
  if (to === undefined)
    throw invalidInput('to', named, 'is needed from a program and from whoever has no mail address', 'a mail address');
  const server = await openMailServer(database, deps.secrets);
  if (server === undefined) throw conflict('mail', 'Mail is not set up. Set the mail server first, then test it.');
  const { name } = await database.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
  const letter = renderLetter(testLetter(name), name);
  const { isAccepted, answer } = await sendBySmtp(server, { id: randomUUID(), to, letter }, deps.installation).then(
    (words) => ({ isAccepted: true, answer: words }),
    (error: unknown) => {
      if (error instanceof MailTrouble) return { isAccepted: false, answer: error.message };
      throw error;
    },
  );
  await database
    .transaction()
    .execute(async (trx) =>
      recordAudit(trx, actor, [{ entity: 'settings', entityId: 'mail', action: 'tested', after: { to, isAccepted, answer } }]),
    );
  return { to, isAccepted, answer };
}

async function receiverOf(reader: Reader, { principal }: Actor, named: string | undefined): Promise<string | undefined> {
  if (principal.kind !== 'person') return named;
  const { email } = await reader.selectFrom('app_user').select('email').where('id', '=', principal.id).executeTakeFirstOrThrow();
  return isMailAddress(email) ? email : named;
}
