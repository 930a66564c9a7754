import { X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { GatewayHello, GatewayWelcome } from '../contract/gateway.ts';
import { renewalDue } from '../core/renewal.ts';
import { certificateRequest } from './certificate-request.ts';
import type { ControllerClient } from './controller-client.ts';
import { isObject } from './kernel/json.ts';
import type { CommandRunner } from './kernel/run-command.ts';

/** Version of what this agent says to the controller; told in hello. */
const agentVersion = '1';

/** Files of `identity/` that lanes read; the key never leaves the machine. */
const files = { key: 'key.pem', certificate: 'cert.pem', ca: 'ca.pem', tlsCryptV2: 'tls-crypt-v2.key' };

const dayMs = 24 * 3600 * 1000;

export type HeldIdentity = { readonly trusts: readonly string[]; readonly changedAt: number; readonly isReplaced: boolean };

function rootsOf(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((each) => new X509Certificate(each));
}

function fingerprints(pem: string): string {
  return rootsOf(pem)
    .map(({ fingerprint256 }) => fingerprint256)
    .join();
}

/**
 * GatewayIdentityFiles holds the lanes' key material in `DIR/identity`: made or fetched once, kept for starts without the controller.
 */
export class GatewayIdentityFiles {
  readonly #directory: string;

  constructor(gatewayDirectory: string) {
    this.#directory = `${gatewayDirectory}/identity`;
  }

  /** isComplete is true if lanes can start with what is on disk; false also for a certificate that is not of our key or has expired. */
  async isComplete(now: number): Promise<boolean> {
    return (await this.validUntil()) > now && (await this.#readable(files.ca)) && (await this.#readable(files.tlsCryptV2));
  }

  /** isDue is true if the certificate should be fetched anew: the last third of its life is for a controller that is down, and for lanes to take it up. */
  async isDue(now: number): Promise<boolean> {
    try {
      const { validFromDate, validToDate } = new X509Certificate(await this.#read(files.certificate));
      return renewalDue(validFromDate.getTime(), validToDate.getTime(), now);
    } catch {
      return true;
    }
  }

  /** isOf is true if what is on disk is believed, and was signed, by these roots (PEM, the signing one first). */
  async isOf(ca: string): Promise<boolean> {
    try {
      const [own, certificate] = [await this.#read(files.ca), new X509Certificate(await this.#read(files.certificate))];
      const [signing] = rootsOf(ca);
      return signing !== undefined && fingerprints(own) === fingerprints(ca) && certificate.verify(signing.publicKey);
    } catch {
      return false;
    }
  }

  /** held says which roots are on disk (SHA-256), since when what is there is what it is (milliseconds), and whether the old is of no use any more. */
  async held(now: number): Promise<HeldIdentity> {
    const [ca, certificate] = await Promise.all([stat(this.#path(files.ca)), stat(this.#path(files.certificate))]);
    const roots = rootsOf(await this.#read(files.ca));
    // Of a renewal in its time, the one root that is left is years old. A young one has replaced what nobody should believe any more.
    const isReplaced = roots.length === 1 && roots.every(({ validFromDate }) => now - validFromDate.getTime() < dayMs);
    return {
      trusts: roots.map(({ fingerprint256 }) => fingerprint256),
      changedAt: Math.floor(Math.max(ca.mtimeMs, certificate.mtimeMs)),
      isReplaced,
    };
  }

  /**
   * fetch introduces the gateway to the controller and stores what it answers. Each file is replaced atomically; a failure in between
   * leaves the old certificate valid, and fetching again mends it. Rejects if the controller cannot be reached or refuses.
   */
  async fetch(client: ControllerClient, run: CommandRunner): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const key = await this.#key();
    const hello: GatewayHello = {
      openvpnVersion: await openvpnVersion(run),
      agentVersion,
      cores: Math.min(availableParallelism(), 1024),
      certificateRequest: certificateRequest(key, 'causeway gateway'),
    };
    const welcome = readWelcome(await client.post('/gateway/v1/hello', hello));
    await this.#place(files.ca, welcome.ca, 0o640);
    await this.#place(files.tlsCryptV2, welcome.tlsCryptV2ServerKey, 0o640);
    await this.#place(files.certificate, welcome.certificate, 0o640);
  }

  async #key(): Promise<KeyObject> {
    try {
      return createPrivateKey(await readFile(`${this.#directory}/${files.key}`, 'utf8'));
    } catch {
      // Missing or no key (an empty file, after a power cut under an earlier version): a new one gets a new certificate.
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    await this.#place(files.key, privateKey.export({ format: 'pem', type: 'pkcs8' }), 0o640);
    return privateKey;
  }

  /** Milliseconds since 1970 when the certificate ends; 0: there is none that fits the key. */
  async validUntil(): Promise<number> {
    try {
      const [key, certificate] = await Promise.all([
        readFile(`${this.#directory}/${files.key}`, 'utf8'),
        readFile(`${this.#directory}/${files.certificate}`, 'utf8'),
      ]);
      const x509 = new X509Certificate(certificate);
      return x509.checkPrivateKey(createPrivateKey(key)) ? x509.validToDate.getTime() : 0;
    } catch {
      // Missing or not readable as what it should be: the same as none, it is fetched anew.
      return 0;
    }
  }

  #path(file: string): string {
    return `${this.#directory}/${file}`;
  }

  async #read(file: string): Promise<string> {
    return await readFile(this.#path(file), 'utf8');
  }

  async #readable(file: string): Promise<boolean> {
    return (await readFile(`${this.#directory}/${file}`, 'utf8').catch(() => '')) !== '';
  }

  /**
   * Group-readable for the lanes' user, whose group the directory has; nobody else. Flushed before it has its name: a power cut would leave an empty
   * file in its place.
   */
  async #place(file: string, content: string | Buffer, mode: number): Promise<void> {
    const path = `${this.#directory}/${file}`;
    await writeFile(`${path}.new`, content, { mode: 0o600, flush: true });
    await chmod(`${path}.new`, mode);
    await rename(`${path}.new`, path);
  }
}

/**
 * The contract's schema would do this in one line, and bring a library of 12 MB into a process that lives on every gateway and reads this
 * answer once. Throws a TypeError that names the field.
 */
function readWelcome(value: unknown): Pick<GatewayWelcome, 'certificate' | 'ca' | 'tlsCryptV2ServerKey'> {
  const pem = (field: keyof GatewayWelcome): string => {
    const text = isObject(value) ? value[field] : undefined;
    if (typeof text !== 'string' || !/^-----BEGIN [^\n]+-----\n[A-Za-z0-9+/=\n -]+$/.test(text.replaceAll('\r', '').trim())) {
      throw new TypeError(
        `the controller's welcome has no PEM in the field ${field}; are controller and gateway of one version?`,
      );
    }
    return text;
  };
  return { certificate: pem('certificate'), ca: pem('ca'), tlsCryptV2ServerKey: pem('tlsCryptV2ServerKey') };
}

async function openvpnVersion(run: CommandRunner): Promise<string> {
  const { stdout } = await run('openvpn', ['--version']);
  return /OpenVPN (\S+)/.exec(stdout)?.[1]?.slice(0, 40) ?? 'unknown';
}
