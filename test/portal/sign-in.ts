import type { Page } from 'playwright-core';
import type { WebSessionState } from '../../src/contract/api/web-session.ts';
import { webSessionRoutes } from '../../src/contract/api/web-session.ts';
import type { TestPerson } from '../../src/controller/identity/test-people.ts';
import { makePerson } from '../../src/controller/identity/test-people.ts';
import { startWebSession } from '../../src/controller/identity/web-sessions.ts';
import type { Stage } from './stage.ts';

const owners = new WeakMap<Stage, Promise<TestPerson>>();

/** signIn gives the browser a session of the owner Ada, as the sign-in page would (first-run.portal.test.ts goes that way). */
export async function signIn(page: Page, stage: Stage): Promise<void> {
  const { controller } = stage.issuing;
  const made = owners.get(stage) ?? makePerson(controller, { username: 'ada@example.com', role: 'OWNER' });
  owners.set(stage, made);
  await signInAs(page, stage, await made);
}

/** signInAs gives the browser a session of this person. */
export async function signInAs(page: Page, { issuing: { controller } }: Stage, { id }: Pick<TestPerson, 'id'>): Promise<void> {
  const facts = { sourceAddress: '127.0.0.1', userAgent: 'test' };
  const { token } = await startWebSession(controller.deps.store.database, id, 'signed-in', facts);
  await page
    .context()
    .addCookies([
      { name: '__Host-causeway', value: token, domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' },
    ]);
}

const installation: WebSessionState = {
  state: 'signed-out',
  person: null,
  factors: [],
  wpc: { name: 'Example Works' },
  server: {
    version: '0.0.0-test',
    hostname: 'localhost',
    isTrusted: false,
    allowsPasskeys: true,
    sendsMail: false,
    trustsBrowsers: true,
  },
};

/** showState makes the page see a session in this state: how it looks then, without anybody to sign in. */
export async function showState(page: Page, state: WebSessionState['state']): Promise<void> {
  const bob = { id: '', username: 'bob@example.com', email: '', firstName: 'Bob', lastName: '', role: 'MEMBER' } as const;
  await answerSession(page, {
    ...installation,
    state,
    person: state === 'enrolment' ? bob : null,
    factors: state === 'second-factor' ? ['totp', 'recovery-code'] : [],
  });
}

async function answerSession(page: Page, state: WebSessionState): Promise<void> {
  await page.route(`**${webSessionRoutes.read.path}`, async (route) => await route.fulfill({ json: state }));
}
