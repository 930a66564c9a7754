import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';

/** Debian's; `./causeway test portal` installs it (src/launcher/debian-packages.txt). */
const executablePath = '/usr/bin/chromium';

/** Nothing but the page: no sandbox, which root cannot have, and none of what a browser does for itself over the network. */
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What a slow machine takes for one step at most. */
const patience_ms = 20_000;

export type Scheme = 'light' | 'dark';
export const schemes: readonly Scheme[] = ['light', 'dark'];

/** Widths that people have: portal.md, issue 6. */
export const widths = [1440, 1024, 390] as const;

export type Browser = AsyncDisposable & {
  readonly context: BrowserContext;
  /** A tab; everything that the browser has against it is kept in `complaints`. */
  readonly open: (options?: { readonly width?: number; readonly scheme?: Scheme }) => Promise<Tab>;
};

export type Tab = {
  readonly page: Page;
  /** Console errors and warnings, exceptions, and violations of the content security policy, in their order. */
  readonly complaints: readonly string[];
};

/** openBrowser starts Chromium with a profile of its own; in a network namespace, if one is given, as on a computer there. */
export async function openBrowser({ namespace }: { readonly namespace?: string } = {}): Promise<Browser> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'cw-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: namespace === undefined ? executablePath : await programIn(namespace, profile),
    args,
    // The certificate is of the test's own authority.
    ignoreHTTPSErrors: true,
    permissions: ['clipboard-read', 'clipboard-write'],
    timeout: 60_000,
  });
  context.setDefaultTimeout(patience_ms);
  return {
    context,
    open: async ({ width = 1440, scheme = 'light' } = {}) => {
      const page = await context.newPage();
      await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      return { page, complaints: watch(page) };
    },
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Playwright starts a program by its name alone. */
async function programIn(namespace: string, directory: string): Promise<string> {
  const file = path.join(directory, 'chromium');
  await writeFile(file, `#!/bin/sh\nexec ip netns exec ${namespace} ${executablePath} "$@"\n`, { mode: 0o700 });
  return file;
}

function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  return complaints;
}
