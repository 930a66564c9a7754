/**
 * Makes the files of this directory from the commit of a release, which git has to have: `./causeway node test/previous-release/make.ts COMMIT`.
 * README.md says what they are.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const here = import.meta.dirname;
const root = path.join(here, '..', '..');
const [commit = ''] = process.argv.slice(2);
if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error('usage: make.ts COMMIT, with all of its 40 digits');

const directory = mkdtempSync(path.join(tmpdir(), 'cw-previous-release-'));
try {
  const archive = execFileSync('git', ['-C', root, 'archive', commit, 'src', 'package.json'], { maxBuffer: 1 << 30 });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  // Of the release's packages those that the agent uses are small, and the ones of today speak the same to it.
  symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
  writeFileSync(path.join(here, 'gateway-agent.mjs.gz'), gzipSync(await gatewayAgent(), { level: 9 }));
  writeFileSync(path.join(here, 'connector.json.gz'), gzipSync(connectorScripts(), { level: 9 }));
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  writeFileSync(path.join(here, 'release.json'), `${JSON.stringify({ commit, version }, null, 2)}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The agent with src/core, src/contract and its packages in one module. */
async function gatewayAgent(): Promise<string> {
  const built = await build({
    root: directory,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: { ssr: 'src/gateway/main.ts', write: false, target: 'node24', rolldownOptions: { output: { codeSplitting: false } } },
  });
  const module = 'output' in built ? built.output[0] : undefined;
  if (module === undefined) throw new Error('the agent was not built into one module');
  // Where each part came from: names of this run's directory.
  return module.code.replaceAll(/^\/\/ .*cw-previous-release-.*\n/gm, '');
}

/** Every script by its path below src/connector: a controller puts them together. */
function connectorScripts(): string {
  const connector = path.join(directory, 'src/connector');
  const names = readdirSync(connector, { recursive: true, encoding: 'utf8' });
  const scripts = names.filter((name) => /^(install|agent\/[\w-]+)\.sh$/.test(name)).toSorted();
  return JSON.stringify(Object.fromEntries(scripts.map((name) => [name, readFileSync(path.join(connector, name), 'utf8')])));
}
