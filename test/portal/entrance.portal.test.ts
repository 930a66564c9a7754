import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accessibilityProblems } from './accessibility.ts';
import type { Browser } from './browser.ts';
import { openBrowser, schemes, widths } from './browser.ts';
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
  const pages = [
    { state: 'signed-out', path: '/networks?q=hq', heading: 'Sign in' },
    { state: 'second-factor', path: '/', heading: 'Second factor' },
    { state: 'set-up', path: '/', heading: 'Set up Causeway' },
    { state: 'set-up', path: `/set-up#${secret}`, heading: 'Set up Causeway' },
    { state: 'signed-out', path: `/reset-password#${secret}`, heading: 'New password' },
    { state: 'signed-out', path: '/reset-password', heading: 'New password' },
  ] as const;
  for (const { state, path, heading } of pages) {
    it(`${state} at ${path.slice(0, 20)} shows "${heading}", in both themes, on every width`, async () => {
      for (const scheme of schemes) {
        for (const width of widths) {
          const { page, complaints } = await browser.open({ scheme, width });
          await showState(page, state);
          await page.goto(`${stage.url}${path}`);
          await page.getByRole('heading', { level: 1, name: heading }).waitFor();
          assert.deepEqual(await accessibilityProblems(page), [], `${scheme} ${String(width)}`);
          assert.equal(
            await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'),
            true,
            `${String(width)} scrolls`,
          );
          assert.deepEqual(complaints, []);
          await page.close();
        }
      }
    });
  }

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
