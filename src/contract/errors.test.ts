import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { errorCodes } from './error-codes.ts';
import { CausewayError, conflict, errorResponse, invalidInput, notFound, overlap, toErrorResponse } from './errors.ts';

test('docs/errors.md lists exactly the codes, each with its status and whether it may be tried again', async () => {
  const page = await readFile(path.join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (yes|no) \|/gm)].map(([, code, status, retry]) => [
    code,
    { status: Number(status), retryable: retry === 'yes' },
  ]);
  assert.deepEqual(Object.fromEntries(documented), errorCodes);
  assert.equal(documented.length, Object.keys(errorCodes).length);
});

test('the body has the shape of the public API, with code, field, value and what is allowed', () => {
  const body = toErrorResponse(invalidInput('size', 0, 'is not allowed', '1 to 1000'));
  assert.deepEqual(errorResponse.parse(body), body);
  assert.deepEqual(body, {
    errorDetails: {
      size: [
        {
          errorCode: 'invalid-input',
          message: 'size: 0 is not allowed; allowed: 1 to 1000',
          params: { value: 0, allowed: '1 to 1000' },
        },
      ],
    },
    errorMessage: 'size: 0 is not allowed; allowed: 1 to 1000.',
    statusError: 'BAD_REQUEST',
  });
});

test('a cause never leaves', () => {
  const error = new CausewayError('internal', 'Something went wrong on our side.', { cause: new Error('password=hunter2') });
  assert.equal(JSON.stringify(toErrorResponse(error)).includes('hunter2'), false);
  assert.equal(error.cause instanceof Error, true);
});

test('an object that is not there is said in the words that clients look for', () => {
  assert.match(notFound('network', 'abc').message, /^Network abc not found\./);
  assert.equal(notFound('network', 'abc').status, 404);
});

test('an overlap names both sides', () => {
  const error = overlap('routes.0.value', '10.0.1.0/24', { prefix: '10.0.0.0/18', what: 'the network "HQ"' });
  assert.equal(
    error.message,
    'routes.0.value: 10.0.1.0/24 overlaps 10.0.0.0/18 of the network "HQ". Choose a prefix that shares no address with it, or remove the other one.',
  );
  assert.equal(error.status, 400);
});

test('refused input is shown shortened, and with control characters visible', () => {
  const { message } = invalidInput('name', `a\n\u001b[31m${'x'.repeat(5_000)}`, 'is not allowed');
  assert.ok(message.length < 200, message);
  assert.equal(/[\n\u001b]/.test(message), false);
  assert.match(message, /\(5007 characters\)/);
});

test('details of one field are a list, and an error without details still says its code', () => {
  const twice = new CausewayError('invalid-input', 'Two things.', {
    details: [
      { field: 'a', message: 'one' },
      { field: 'a', message: 'two' },
    ],
  });
  assert.deepEqual(
    toErrorResponse(twice).errorDetails['a']?.map(({ message }) => message),
    ['one', 'two'],
  );
  assert.equal(toErrorResponse(new CausewayError('forbidden', 'No.')).errorDetails['request']?.[0]?.errorCode, 'forbidden');
  assert.deepEqual(toErrorResponse(conflict('group', 'It has users.', { users: 3 })).errorDetails['group']?.[0]?.params, {
    users: 3,
  });
});

test('a field that is called as every object’s own is a field like any other', () => {
  const error = new CausewayError('invalid-input', 'No.', { details: [{ field: '__proto__', message: 'no' }] });
  assert.deepEqual(Object.keys(toErrorResponse(error).errorDetails), ['__proto__']);
  assert.deepEqual(Object.keys(toErrorResponse(conflict('constructor', 'No.')).errorDetails), ['constructor']);
});
