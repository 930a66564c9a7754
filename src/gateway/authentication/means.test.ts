import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMeans } from './means.ts';

const page = (text: string) => ({ kind: 'page', text });

describe('how a client can be asked', () => {
  for (const [name, environment, means] of [
    ['one that opens pages', { IV_SSO: 'webauth,crtext' }, page('WEB_AUTH::')],
    ['one that knows the older word', { IV_SSO: 'openurl' }, page('OPEN_URL:')],
    ['one that knows both', { IV_SSO: 'openurl,webauth' }, page('WEB_AUTH::')],
    ['one that only shows text', { IV_SSO: 'crtext' }, { kind: 'none' }],
    ['a word that only begins alike', { IV_SSO: 'webauthn' }, { kind: 'none' }],
    ['one that says nothing', {}, { kind: 'none' }],
    ['an empty password is none', { username: 'bob', password: '', IV_SSO: 'webauth' }, page('WEB_AUTH::')],
    [
      'a password goes before a page, in UTF-8',
      { username: 'bob', password: Buffer.from('sécret').toString('latin1'), IV_SSO: 'webauth' },
      { kind: 'password', credentials: { username: 'bob', password: 'sécret' } },
    ],
  ] as const)
    it(name, () => assert.deepEqual(readMeans(new Map(Object.entries(environment))), means));
});
