import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from './browser.ts';
import { openBrowser } from './browser.ts';
import { showState } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
before(async () => {
  stage = await openStage();
  browser = await openBrowser();
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

const secret = 'A'.repeat(43);

describe('before somebody is signed in', () => {
  it('the address of a page stays while the sign-in stands in its place', async () => {
    const { page } = await browser.open();
    await showState(page, 'signed-out');
    await page.goto(`${stage.url}/networks?q=hq`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(page.url(), `${stage.url}/networks?q=hq`);
    await page.close();
  });

  it('the secret of a link leaves the address bar', async () => {
    const { page } = await browser.open();
    await showState(page, 'set-up');
    await page.goto(`${stage.url}/set-up#${secret}`);
    await page.getByLabel('Your mail address').waitFor();
    assert.equal(page.url(), `${stage.url}/set-up`);
    await page.close();
  });

  it('a form says what is wrong while one types, and sends nothing', async () => {
    const { page, complaints } = await browser.open();
    await showState(page, 'set-up');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(request.url());
    });
    await page.goto(`${stage.url}/set-up#${secret}`);
    await page.getByLabel('Your mail address').fill('ada@example.com');
    const password = page.getByRole('textbox', { name: 'Password' });
    await password.fill('too short');
    await page.getByLabel('Name of your WPC').fill('Example Works');
    await page.getByText('Password is too short; allowed: 12 to 128 characters.').waitFor();
    await page.getByRole('button', { name: 'Set up' }).click();
    assert.equal(await password.evaluate('document.activeElement.name'), 'password');
    await password.fill('long enough for anybody');
    await page.getByText('Password is too short').waitFor({ state: 'detached' });
    assert.deepEqual(sent, []);
    assert.deepEqual(complaints, []);
    await page.close();
  });
});

it('the content security policy is in force', async () => {
  const { page, complaints } = await browser.open();
  await showState(page, 'signed-out');
  await page.goto(stage.url);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.evaluate(
    "document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { color: red }' }))",
  );
  await page.evaluate("try { document.body.innerHTML = '<b>x</b>' } catch {}");
  const [style = '', markup = '', ...more] = complaints;
  assert.match(style, /violates the following Content Security Policy directive 'style-src 'self''/);
  assert.match(markup, /requires 'TrustedHTML' assignment/);
  assert.deepEqual(more, []);
  await page.close();
});
