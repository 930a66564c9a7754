import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Host } from '../../src/lab/host.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import type { AnswerLine } from './call-lines.ts';
import { answerLine } from './call-lines.ts';

/**
 * Caller calls the API from a host of the lab, over connections that stay open: fast enough that a moment between two steps of a change is hit.
 * (Administrator starts a curl for each call.)
 */
export class Caller implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (answer: AnswerLine) => void>();
  #number = 0;

  constructor(from: Host, region: Region, token: string) {
    const program = join(import.meta.dirname, 'caller-program.ts');
    this.#child = spawn('ip', ['netns', 'exec', from.namespace, process.execPath, program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = answerLine.parse(JSON.parse(line));
      this.#waiting.get(answer.number)?.(answer);
      this.#waiting.delete(answer.number);
    });
    const ca = readFileSync(join(region.dataDirectory, 'ca.crt'), 'utf8');
    this.#write({ url: region.url, ca, token });
  }

  /** call never rejects: an answer that was lost is an answer too. */
  call(method: string, path: string, body?: object): Promise<AnswerLine> {
    this.#number += 1;
    const number = this.#number;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#write({ number, method, path, ...(body === undefined ? {} : { body }) });
    });
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
  }

  #write(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }
}
