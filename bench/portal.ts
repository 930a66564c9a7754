/**
 * What the portal costs somebody who opens it: bytes of each page, the time until a page shows its data and answers, and the sign-in, on a real
 * controller with 5,000 devices, 4,000 of them connected, and 300 connectors. Chromium runs on the same machine as the controller, so its
 * times hold both. The slow machine is the DevTools' CPU slowdown of 4; the alternative beside it is the same page without it.
 */
import { mkdtempDisposable } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { TestBrowser, goodPassword, makePerson } from '../src/controller/identity/test-people.ts';
import { ensurePortal } from '../src/portal-build/ensure-portal.ts';
import { openBrowser } from '../test/portal/browser.ts';
import { signIn } from '../test/portal/sign-in.ts';
import { openStage } from '../test/portal/stage.ts';
import { figure, progress, ratios, report } from './report/figures.ts';
import type { Figure } from './report/figures.ts';
import { fillLargeWpc } from './shapes/large-wpc.ts';

const rounds = 5;
const signIns = 40;
const atOnce = 8;
const slowdown = 4;

/** A first load of all that a page needs, and what says that it shows its data. */
const pages = [
  { name: 'sign-in', path: '/', shows: 'Sign in', signedIn: false },
  { name: 'map of 300 connectors', path: '/', shows: 'Overview', signedIn: true },
  { name: 'list of 5,000 devices', path: '/devices', shows: 'Devices', signedIn: true },
  { name: 'list of 200 networks', path: '/networks', shows: 'Networks', signedIn: true },
] as const;

progress('the bundle');
await using cache = await mkdtempDisposable(path.join(os.tmpdir(), 'cw-bench-'));
const { sizes } = await ensurePortal(path.join(import.meta.dirname, '..'), cache.path);
const figures: Figure[] = (sizes?.pages ?? []).map(({ name, bytes, budget_bytes: budget }) =>
  figure(`${name}, brotli`, 'kB', [bytes / 1_000], budget === undefined ? null : { atMost: budget / 1_000 }),
);

progress('5,000 devices, 300 connectors');
await using stage = await openStage();
const { controller } = stage.issuing;
await fillLargeWpc(controller.deps.store.database);
// Without an owner there is nothing but the set-up.
await makePerson(controller, { username: 'eve', password: goodPassword, role: 'OWNER' });

for (const shown of pages) {
  progress(shown.name);
  const quick: number[] = [];
  const slow: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    quick.push(await untilShown(shown, 1));
    slow.push(await untilShown(shown, slowdown));
  }
  figures.push(
    figure(`${shown.name}: shown and answering`, 'ms', quick),
    figure(`${shown.name}: with the CPU ${String(slowdown)} times slower`, 'ms', slow),
    figure(`${shown.name}: slow against quick`, 'times', ratios(slow, quick)),
  );
}

progress('from page to page');
figures.push(figure('a click on a page that was seen before', 'ms', await clicks(), { atMost: 100 }));

progress('sign-ins');
const perSecond: number[] = [];
for (let round = 0; round < rounds; round += 1) perSecond.push(await signInsPerSecond());
figures.push(figure('sign-ins with argon2id', '/s', perSecond));

report('portal', figures);

/** Milliseconds from the navigation of a browser with an empty cache until the page shows its data and its main thread is free to answer. */
async function untilShown(shown: (typeof pages)[number], rate: number): Promise<number> {
  await using browser = await openBrowser();
  const { page } = await browser.open();
  if (shown.signedIn) await signIn(page, stage);
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate });
  await page.goto(`${stage.url}${shown.path}`, { waitUntil: 'commit' });
  await page.getByRole('heading', { level: 1, name: shown.shows }).waitFor();
  if (shown.signedIn) await page.getByText('site 1', { exact: false }).or(page.getByText('laptop')).first().waitFor();
  return await answered(page);
}

/** The time since the navigation at which the page has drawn a frame and taken a task after it. */
async function answered(page: Page): Promise<number> {
  return await page.evaluate<number>(
    'new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0)))',
  );
}

/** From a click in the rail until the page is there, which the cache has. */
async function clicks(): Promise<readonly number[]> {
  await using browser = await openBrowser();
  const { page } = await browser.open();
  await signIn(page, stage);
  await page.goto(`${stage.url}/networks`);
  await page.getByText('site 1').first().waitFor();
  const times: number[] = [];
  for (let round = 0; round < rounds * 2; round += 1) {
    const name = round % 2 === 0 ? 'Overview' : 'Networks';
    times.push(
      await page.evaluate<number>(`new Promise((resolve) => {
        const start = performance.now();
        const look = () => {
          if (document.querySelector('h1')?.textContent === '${name}') setTimeout(() => resolve(performance.now() - start), 0);
          else requestAnimationFrame(look);
        };
        [...document.querySelectorAll('nav a')].find((link) => link.textContent === '${name}').click();
        look();
      })`),
    );
  }
  // The first of each has loaded its code.
  return times.slice(2);
}

/** People who come at once, from different places: what one place may fail is counted while it is asked. */
async function signInsPerSecond(): Promise<number> {
  const start = performance.now();
  for (let done = 0; done < signIns; done += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, async (_, index) => {
        const { status } = await new TestBrowser(controller, `198.51.${String(index)}.7`).signIn('eve');
        if (status !== 200) throw new Error(`a sign-in was answered with ${String(status)}`);
      }),
    );
  }
  return signIns / ((performance.now() - start) / 1_000);
}
