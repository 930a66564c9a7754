import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { errorResponse } from '../../contract/errors.ts';
import { testController } from '../test-controller.ts';
import type { TestController } from '../test-controller.ts';
import { acceptedEncoding } from './accepted-encoding.ts';
import { readBuiltPortal } from './built-portal.ts';

const page = '<!doctype html><title>Causeway</title>';
const script = `export const text = '${'many words '.repeat(50)}';\n`;
let directory = '';
let controller: TestController;
let withoutPortal: TestController;

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-pages-'));
  await mkdir(path.join(directory, 'assets'));
  await writeFile(path.join(directory, 'index.html'), page);
  await writeFile(path.join(directory, 'secret.txt'), 'not for anybody');
  await writeFile(path.join(directory, 'assets', 'index-abc.js'), script);
  await writeFile(path.join(directory, 'assets', 'inter-abc.woff2'), 'font');
  await writeFile(path.join(directory, 'assets', 'notes.txt'), 'of a kind that no portal has');
  await writeFile(path.join(directory, 'assets', 'index-abc.js.br'), brotliCompressSync(script));
  await writeFile(path.join(directory, 'assets', 'index-abc.js.gz'), gzipSync(script));
  controller = await testController({ portal: await readBuiltPortal(directory) });
  withoutPortal = await testController();
});
after(async () => {
  await controller.close();
  await withoutPortal.close();
  await rm(directory, { recursive: true, force: true });
});

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

async function get(url: string, headers: Readonly<Record<string, string>> = {}) {
  return await controller.app.inject({ url, headers });
}

describe('the page', () => {
  test('answers every address that a browser opens, and is asked for anew each time', async () => {
    for (const url of [
      '/',
      '/networks',
      '/networks/7?tab=lan',
      '/set-up',
      '/nothing/like/this',
      '/index.html',
      '/%2e%2e/%2e%2e/etc/passwd',
    ]) {
      const answer = await get(url, browser);
      assert.equal(answer.statusCode, 200, url);
      assert.equal(answer.body, page, url);
      assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(answer.headers['cache-control'], 'no-cache');
    }
  });

  test('may load from its own origin alone, runs nothing inline and is framed nowhere', async () => {
    const { headers } = await get('/', browser);
    const policy = String(headers['content-security-policy']);
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]) {
      assert.ok(policy.split('; ').includes(part), part);
    }
    assert.doesNotMatch(policy, /unsafe|nonce|\*|data:/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['referrer-policy'], 'same-origin');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  });

  test('is not sent again to who has it', async () => {
    const { headers } = await get('/', browser);
    const again = await get('/', { ...browser, 'if-none-match': String(headers.etag) });
    assert.equal(again.statusCode, 304);
    assert.equal(again.body, '');
    assert.equal((await get('/', { ...browser, 'if-none-match': '"another"' })).statusCode, 200);
  });

  test('is for GET: a form that is sent to it is told that there is nothing', async () => {
    const answer = await controller.app.inject({ method: 'POST', url: '/networks', headers: browser });
    assert.equal(answer.statusCode, 404);
  });

  test('is not what a program gets for a path that is wrong', async () => {
    const paths = [
      '/api',
      '/api/v1/nothing',
      '/api/causeway/v1/nothing',
      '/connector/nothing',
      '/metrics/nothing',
      '/gateway/v1/nothing',
      '/assets',
    ];
    for (const url of [...paths, '/assets/none.js']) {
      const answer = await get(url, browser);
      assert.equal(answer.statusCode, 404, url);
      assert.equal(errorResponse.parse(answer.json()).statusError, 'NOT_FOUND', url);
    }
    assert.equal((await get('/nothing', { accept: 'application/json' })).statusCode, 404);
    assert.equal((await get('/nothing')).statusCode, 404);
  });
});

describe('assets', () => {
  test('are kept for a year, since their name changes with their content', async () => {
    const answer = await get('/assets/index-abc.js');
    assert.equal(answer.body, script);
    assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });

  test('come compressed as they were when they were built', async () => {
    const br = await get('/assets/index-abc.js', { 'accept-encoding': 'gzip, deflate, br' });
    assert.equal(br.headers['content-encoding'], 'br');
    assert.equal(br.headers['vary'], 'Accept-Encoding');
    assert.equal(brotliDecompressSync(br.rawPayload).toString(), script);
    const gzip = await get('/assets/index-abc.js', { 'accept-encoding': 'gzip' });
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(gzip.rawPayload).toString(), script);
    assert.notEqual(br.headers.etag, gzip.headers.etag);
    const font = await get('/assets/inter-abc.woff2', { 'accept-encoding': 'br' });
    assert.equal(font.headers['content-encoding'], undefined);
    assert.equal(font.headers['content-type'], 'font/woff2');
  });

  test('are those that were built, whatever a path says', async () => {
    const paths = [
      '../secret.txt',
      '..%2fsecret.txt',
      '%2e%2e/secret.txt',
      '..\\secret.txt',
      'index-abc.js.br',
      'notes.txt',
      '',
      '__proto__',
      '/etc/passwd',
    ];
    for (const name of paths) {
      const answer = await get(`/assets/${name}`);
      assert.equal(answer.statusCode, 404, name);
      assert.doesNotMatch(answer.body, /not for anybody/);
    }
  });
});

test('without a built portal a browser is told so, and the API serves', async () => {
  const answer = await withoutPortal.app.inject({ url: '/', headers: browser });
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /could not be built/);
  assert.equal((await withoutPortal.app.inject('/api/causeway/v1/healthz')).statusCode, 200);
});

test('a directory that is not whole is refused', async () => {
  const empty = await mkdtemp(path.join(os.tmpdir(), 'cw-pages-'));
  try {
    await assert.rejects(readBuiltPortal(empty), /assets/);
  } finally {
    await rm(empty, { recursive: true });
  }
});

test('the form is chosen as RFC 9110 says', () => {
  const chosen: Readonly<Record<string, string>> = {
    'br, gzip': 'br',
    'gzip, BR': 'br',
    'br;q=0, gzip': 'gzip',
    'gzip;q=0.5': 'gzip',
    '*': 'br',
    '*;q=0': 'identity',
    identity: 'identity',
    '': 'identity',
    'br;q=nonsense': 'identity',
  };
  for (const [header, form] of Object.entries(chosen)) assert.equal(acceptedEncoding(header), form, header);
  assert.equal(acceptedEncoding(undefined), 'identity');
});
