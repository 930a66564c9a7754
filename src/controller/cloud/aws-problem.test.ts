import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '../../contract/errors.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { awsReader } from './aws-reader.ts';

const secret = 'wJalrXUtnFEMI-EXAMPLE-SECRET';
const site = { connector: '10.0.0.10' as AddressText, card: null, region: 'eu-central-1' };

/** Answers every action as EC2 refuses it. */
const refusals = { code: 'UnauthorizedOperation', status: 403 };
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const error = `<Error><Code>${refusals.code}</Code><Message>about ${secret}</Message></Error>`;
    response.writeHead(refusals.status, { 'content-type': 'text/xml' });
    response.end(`<?xml version="1.0"?><Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`);
  });
});
let endpoint = '';

before(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** What reading gives with this environment and no other of AWS's, not even what this machine has. */
async function problemWith(environment: Readonly<Record<string, string>>, at = endpoint, region: string | null = site.region) {
  const saved = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...environment });
  try {
    await awsReader({ endpoint: at, now: () => '2026-11-27T08:00:00.000Z' }).read({ ...site, region });
  } catch (error) {
    assert.ok(error instanceof CausewayError, String(error));
    const told = `${error.message} ${JSON.stringify(error.details)} ${String(error.cause)}`;
    assert.ok(!told.includes(secret), told);
    return error;
  } finally {
    process.env = saved;
  }
  throw new Error('it was read');
}

const credentials = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: secret };

describe('reading AWS', () => {
  it('without credentials says how to give them, and what they have to be allowed', async () => {
    const { code, message } = await problemWith({});
    assert.equal(code, 'conflict');
    assert.match(
      message,
      /no credentials for AWS\. Give its machine an instance role, or start causeway up with AWS_ACCESS_KEY_ID/,
    );
    assert.match(message, /It takes ec2:DescribeVpcs, .*ec2:DescribeNetworkAcls, and no more\./);
    assert.match(message, /causeway cloud commands/);
  });

  it('without a region says how to name it', async () => {
    assert.match((await problemWith(credentials, endpoint, null)).message, /in which region .*AWS_REGION/);
  });

  it('with credentials that may not says what they have to be allowed', async () => {
    Object.assign(refusals, { code: 'UnauthorizedOperation', status: 403 });
    const { code, message } = await problemWith(credentials);
    assert.equal(code, 'conflict');
    assert.match(message, /may not read what is needed in AWS\. It takes ec2:DescribeVpcs/);
  });

  it('with credentials that AWS does not know says so', async () => {
    Object.assign(refusals, { code: 'AuthFailure', status: 401 });
    assert.match((await problemWith(credentials)).message, /does not accept the credentials of the controller \(AuthFailure\)/);
  });

  it('of a cloud that does not answer may be tried again', async () => {
    const { code, message, retryable } = await problemWith(credentials, 'http://127.0.0.1:1');
    assert.deepEqual([code, retryable], ['unavailable', true]);
    assert.match(message, /AWS could not be asked \(ECONNREFUSED\)/);
  });
});
