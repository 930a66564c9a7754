import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from 'vite';

/** BundleSizes is what a browser loads for the first time, in bytes with brotli, without fonts. */
export type BundleSizes = {
  /** Each page with everything that it needs, from nothing. */
  readonly pages: readonly { readonly name: string; readonly bytes: number; readonly budget_bytes: number | undefined }[];
  readonly fonts_bytes: number;
  readonly fontsBudget_bytes: number;
};

/** portal.md 11. */
const budgets: Readonly<Record<string, number>> = { 'sign-in-page': 150_000, 'overview-page': 250_000 };
const fontsBudget_bytes = 80_000;

/** Whatever it is that is shown, comes with what shows it: the frame around the pages of somebody who is signed in. */
const frame = 'app/signed-in.tsx';
const withoutFrame = /^pages\/(?:sign-in|set-up|reset-password)\//;

/** measureBundle reads how large the files of each page are that `compressFiles` wrote. */
export async function measureBundle(directory: string, manifest: Manifest): Promise<BundleSizes> {
  const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry === true) ?? 'index.html';
  const pages = Object.keys(manifest).filter((key) => /^pages\/.*-page\.tsx$/.test(key));
  const measured = await Promise.all(
    pages.map(async (page) => {
      const files = new Set<string>();
      for (const key of [entry, page, ...(withoutFrame.test(page) ? [] : [frame])]) collect(manifest, key, files);
      const name = path.basename(page, '.tsx');
      const sizes = await Promise.all(
        [...files, 'index.html'].map(async (file) => (await stat(path.join(directory, `${file}.br`))).size),
      );
      return { name, bytes: sizes.reduce((sum, size) => sum + size, 0), budget_bytes: budgets[name] };
    }),
  );
  const fonts = (await readdir(path.join(directory, 'assets'))).filter((name) => name.endsWith('.woff2'));
  const fontSizes = await Promise.all(fonts.map(async (name) => (await stat(path.join(directory, 'assets', name))).size));
  return {
    pages: measured.toSorted((a, b) => b.bytes - a.bytes),
    fonts_bytes: fontSizes.reduce((sum, size) => sum + size, 0),
    fontsBudget_bytes,
  };
}

/** collect adds the files that the browser has to have before a module runs. */
function collect(manifest: Manifest, key: string, files: Set<string>): void {
  const chunk = manifest[key];
  if (chunk === undefined || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) collect(manifest, imported, files);
}

/** sizesText is a table for people: kilobytes of 1,000 bytes, the budget beside it where there is one. */
export function sizesText({ pages, fonts_bytes, fontsBudget_bytes: budget_bytes }: BundleSizes): string {
  const line = (name: string, bytes: number, budget: number | undefined): string =>
    `  ${name.padEnd(24)} ${kilobytes(bytes)}${budget === undefined ? '' : `  of ${kilobytes(budget)}${bytes > budget ? '  over budget' : ''}`}\n`;
  return [
    'portal, first load with brotli:\n',
    ...pages.map(({ name, bytes, budget_bytes: budget }) => line(name, bytes, budget)),
    line('fonts', fonts_bytes, budget_bytes),
  ].join('');
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`.padStart(9);
}
