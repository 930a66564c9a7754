import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** TestCa is a certificate authority made by openssl, apart from the product's own PKI: certificates with the serial as common name. */
export class TestCa {
  static #shared: TestCa | null = null;
  readonly #directory: string;
  readonly #clients = new Map<string, string>();
  readonly caPem: string;
  readonly tlsCryptV2Server: string;

  constructor(directory: string, name = 'test') {
    this.#directory = directory;
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', this.#file('ca.key'));
    this.#openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      this.#file('ca.key'),
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-out',
      this.#file('ca.crt'),
    );
    execFileSync('openvpn', ['--genkey', 'tls-crypt-v2-server', this.#file('v2.key')], { stdio: 'ignore' });
    this.caPem = readFileSync(this.#file('ca.crt'), 'utf8');
    this.tlsCryptV2Server = readFileSync(this.#file('v2.key'), 'utf8');
  }

  /** shared is one authority for all labs of a test file: making keys is a dozen processes for each. Its files go with the process. */
  static shared(): TestCa {
    if (TestCa.#shared !== null) return TestCa.#shared;
    const directory = mkdtempSync(join(tmpdir(), 'gw-ca-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    return (TestCa.#shared = new TestCa(directory));
  }

  /** client makes key, certificate and tls-crypt-v2 key of an endpoint, as inline blocks of a profile. */
  client(serial: string): string {
    const known = this.#clients.get(serial);
    if (known !== undefined) return known;
    const key = this.#file(`${serial}.key`);
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
    this.#openssl('req', '-new', '-key', key, '-subj', `/CN=${serial}`, '-out', this.#file('client.csr'));
    const certificate = this.#sign(readFileSync(this.#file('client.csr'), 'utf8'), serial, 'clientAuth');
    execFileSync(
      'openvpn',
      ['--tls-crypt-v2', this.#file('v2.key'), '--genkey', 'tls-crypt-v2-client', this.#file('client.v2')],
      { stdio: 'ignore' },
    );
    const blocks = {
      ca: this.caPem,
      cert: certificate,
      key: readFileSync(key, 'utf8'),
      'tls-crypt-v2': readFileSync(this.#file('client.v2'), 'utf8'),
    };
    const profile = Object.entries(blocks)
      .map(([name, text]) => `<${name}>\n${text.trim()}\n</${name}>\n`)
      .join('');
    this.#clients.set(serial, profile);
    return profile;
  }

  /** server signs a gateway's request. */
  server(request: string): string {
    return this.#sign(request, '7f'.repeat(16), 'serverAuth');
  }

  #sign(request: string, serial: string, usage: string): string {
    writeFileSync(this.#file('request.pem'), request);
    writeFileSync(this.#file('extensions'), `keyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\n`);
    const [input, ca, key, extensions, out] = ['request.pem', 'ca.crt', 'ca.key', 'extensions', 'signed.crt'].map((name) =>
      this.#file(name),
    );
    const command = `x509 -req -in ${input} -CA ${ca} -CAkey ${key} -set_serial 0x${serial} -days 2 -extfile ${extensions} -out ${out}`;
    this.#openssl(...command.split(' '));
    return readFileSync(this.#file('signed.crt'), 'utf8');
  }

  #file(name: string): string {
    return `${this.#directory}/${name}`;
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
