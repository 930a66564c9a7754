import { join } from 'node:path';
import { z } from 'zod';
import { apiCredential } from '../contract/cli/api-credential.ts';
import type { Host } from './host.ts';
import type { Region } from './shapes/region.ts';
import { causeway } from './shapes/region.ts';

/** ApiAnswer is one answer of the API: status and body, the latter as text. */
export type ApiAnswer = { readonly status: number; readonly body: string };

/**
 * Administrator works on the API with curl from somewhere on the internet, as a script of a customer would: TLS checked against the
 * installation's CA, token by client credentials.
 */
export class Administrator {
  readonly #host: Host;
  readonly #region: Region;
  readonly #token: string;

  private constructor(host: Host, region: Region, token: string) {
    this.#host = host;
    this.#region = region;
    this.#token = token;
  }

  static async signIn(host: Host, region: Region): Promise<Administrator> {
    const made = await region.host.must(
      causeway('api-credential', 'create', '--name', 'lab', '--data', region.dataDirectory, '--json'),
    );
    const credential = apiCredential.parse(JSON.parse(made));
    const answer = await curl(host, region, {
      method: 'POST',
      path: '/api/v1/oauth/token',
      secret: `user = "${credential.client_id}:${credential.client_secret}"`,
      json: { grant_type: 'client_credentials' },
    });
    if (answer.status !== 200) throw new Error(`the token was refused: ${answer.status} ${answer.body}`);
    const { access_token } = z.object({ access_token: z.string() }).parse(JSON.parse(answer.body));
    return new Administrator(host, region, access_token);
  }

  /** A secret: for programs of the benchmarks that call the API themselves, and never for an argument or a log. */
  get token(): string {
    return this.#token;
  }

  call(method: string, path: string, json?: unknown): Promise<ApiAnswer> {
    return curl(this.#host, this.#region, { method, path, secret: `header = "Authorization: Bearer ${this.#token}"`, json });
  }

  /** A call that has to succeed, read by a schema; text answers by z.string(). */
  async must<Body>(schema: z.ZodType<Body>, method: string, path: string, json?: unknown): Promise<Body> {
    const answer = await this.call(method, path, json);
    if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return schema.parse(schema instanceof z.ZodString || answer.body === '' ? answer.body : JSON.parse(answer.body));
  }
}

type Call = { readonly method: string; readonly path: string; readonly secret: string; readonly json?: unknown };

/** The secret goes by standard input: arguments can be read by everybody on a machine. */
async function curl(host: Host, region: Region, { method, path, secret, json }: Call): Promise<ApiAnswer> {
  const body = json === undefined ? [] : ['--header', 'Content-Type: application/json', '--data-binary', JSON.stringify(json)];
  const stdout = await host.must(
    [
      'curl',
      '--silent',
      '--show-error',
      '--max-time',
      '20',
      '--cacert',
      join(region.dataDirectory, 'ca.crt'),
      '--config',
      '-',
      '--request',
      method,
      '--write-out',
      '\n%{http_code}',
      ...body,
      `${region.url}${path}`,
    ],
    { input: `${secret}\n` },
  );
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}
