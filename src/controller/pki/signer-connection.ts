import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { readLines } from '../signer/line-reader.ts';
import type { SignerAnswer, SignerRequest } from '../signer/protocol.ts';
import { signerAnswer } from '../signer/protocol.ts';

/** ConnectionLost means that no answer will come over this connection; the request may or may not have been carried out. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

type Waiter = { readonly resolve: (answer: SignerAnswer) => void; readonly reject: (reason: Error) => void };

/**
 * SignerConnection is one connection to the signer with any number of requests under way. It is open until `closed`; then every
 * waiter has been rejected with ConnectionLost and it is of no more use.
 */
export class SignerConnection {
  readonly #socket: Socket;
  readonly #waiters = new Map<number, Waiter>();
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#end());
    readLines(
      socket,
      (line) => this.#receive(line),
      () => socket.destroy(),
    );
    // The signer's socket must not keep a controller alive that has nothing else to do.
    socket.unref();
  }

  static open(path: string): Promise<SignerConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('connect', () => resolve(new SignerConnection(socket)));
      socket.once('error', (cause) => reject(new ConnectionLost(`connecting to the signer at ${path} failed`, { cause })));
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** send resolves with the answer to this request. Rejects with ConnectionLost, also after `timeoutMs` without an answer. */
  send(request: SignerRequest, timeoutMs: number): Promise<SignerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new ConnectionLost('the connection to the signer is closed'));
        return;
      }
      // A signer that hangs is given up as a whole: a new connection may reach its successor.
      const timer = setTimeout(() => this.#socket.destroy(), timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(request.id);
      };
      this.#waiters.set(request.id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      });
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(line: string): void {
    const answer = parseAnswer(line);
    if (answer === undefined || answer.id === null) {
      this.#socket.destroy();
      return;
    }
    this.#waiters.get(answer.id)?.resolve(answer);
  }

  #end(): void {
    this.#closed = true;
    for (const waiter of this.#waiters.values()) waiter.reject(new ConnectionLost('the signer closed the connection'));
  }
}

function parseAnswer(line: string): SignerAnswer | undefined {
  try {
    return signerAnswer.parse(JSON.parse(line));
  } catch {
    // Not our signer's language: the caller ends the connection, which rejects everything under way.
    return undefined;
  }
}
