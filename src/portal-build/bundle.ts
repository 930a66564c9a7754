import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { build, createLogger } from 'vite';
import type { Logger, Manifest } from 'vite';
import { themePlugin } from './theme-plugin.ts';
import { withoutEvalPlugin } from './without-eval-plugin.ts';
import { withoutJsonSchemaPlugin } from './without-json-schema-plugin.ts';

/** bundle lets Vite write the portal into `directory` and gives its manifest: which file needs which. Rejects with Vite's own words. */
export async function bundle(root: string, directory: string): Promise<Manifest> {
  await build({
    root: path.join(root, 'src', 'portal'),
    // All is here: no configuration, environment file or cache beside the sources, which may be read-only.
    configFile: false,
    envDir: false,
    publicDir: false,
    cacheDir: path.join(directory, '..', 'cache'),
    // stdout is the answer of the program.
    logLevel: 'warn',
    customLogger: quietLogger(),
    plugins: [withoutEvalPlugin(), withoutJsonSchemaPlugin(), react(), themePlugin()],
    css: { modules: { generateScopedName: (name, file) => scopedName(root, name, file), localsConvention: 'camelCaseOnly' } },
    build: {
      outDir: directory,
      emptyOutDir: true,
      manifest: 'manifest.json',
      // Data URLs would need an exception in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      license: { fileName: 'assets/licenses.md' },
      chunkSizeWarningLimit: 1_000,
    },
  });
  const file = path.join(directory, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  await rm(file);
  return manifest;
}

/** By the file's place below the root: what Vite would make depends on the directory from which it is started, and two builds would differ. */
function scopedName(root: string, name: string, file: string): string {
  const hash = createHash('sha256').update(path.relative(root, file)).digest('base64url').slice(0, 5);
  return `${path.parse(file).name.replaceAll('.', '-')}-${name}-${hash}`;
}

/** What Vite has to say goes to stderr, as far as it is more than progress. */
function quietLogger(): Logger {
  const logger = createLogger('warn');
  const tell = (message: string): void => void process.stderr.write(`${message}\n`);
  return { ...logger, info: () => undefined, warn: tell, warnOnce: tell, error: tell };
}
