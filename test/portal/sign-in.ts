import type { Page } from 'playwright-core';
import type { WebSessionState } from '../../src/contract/api/web-session.ts';
import { webSessionRoutes } from '../../src/contract/api/web-session.ts';
import type { Stage } from './stage.ts';

/**
 * The one place where tests sign in. The controller has no sessions for people yet, so the browser is given an access token for the API, and
 * what the session says is answered here; with sessions these become a real sign-in and go.
 */
export async function signIn(page: Page, stage: Stage): Promise<void> {
  const token = await stage.issuing.controller.tokenWith(['all:modify']);
  await page.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
  await answerSession(page, {
    ...installation,
    state: 'signed-in',
    person: {
      id: '00000000-0000-4000-8000-000000000001',
      username: 'ada@example.com',
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
      role: 'OWNER',
    },
  });
}

const installation: WebSessionState = {
  state: 'signed-out',
  person: null,
  factors: [],
  wpc: { name: 'Example Works' },
  server: { version: '0.0.0-test', hostname: 'localhost', isTrusted: false, allowsPasskeys: true, sendsMail: false },
};

/** showState makes the page see a session in this state. */
export async function showState(page: Page, state: WebSessionState['state']): Promise<void> {
  await answerSession(page, { ...installation, state, factors: state === 'second-factor' ? ['totp', 'recovery-code'] : [] });
}

async function answerSession(page: Page, state: WebSessionState): Promise<void> {
  await page.route(`**${webSessionRoutes.read.path}`, async (route) => await route.fulfill({ json: state }));
}
