import { connect, type Socket } from 'node:net';
import type { ManagementMessage } from './protocol.ts';
import { ManagementParser } from './protocol.ts';

/** Answer is what a command came to; `lines` is the body of a longer answer. */
export type Answer = { readonly ok: boolean; readonly text: string; readonly lines: readonly string[] };

/** Notice is a message that is no part of an answer. */
export type Notice = Exclude<ManagementMessage, { readonly kind: 'answer' | 'line' | 'end' }>;

type Waiting = {
  readonly command: string;
  readonly multiline: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: Error) => void;
  readonly lines: string[];
};

/** A daemon answers within microseconds; one that does not within this time hangs, and the connection is given up. */
const answerWithinMs = 15_000;

/**
 * ManagementConnection is the one connection to a daemon's management socket. It always reads (an unread socket fills the daemon's
 * memory), hands notices on at once in their order, and sends one command at a time, because answers carry no name: urgent ones
 * (answers to CONNECT and REAUTH) overtake the others that still wait.
 */
export class ManagementConnection {
  readonly #socket: Socket;
  readonly #parser = new ManagementParser();
  readonly #onNotice: (notice: Notice) => void;
  readonly #urgent: Waiting[] = [];
  readonly #patient: Waiting[] = [];
  #outstanding: Waiting | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failure: Error | null = null;
  /** Resolves with the cause when the connection is over; never rejects. */
  readonly closed: Promise<Error>;

  private constructor(socket: Socket, path: string, onNotice: (notice: Notice) => void) {
    this.#socket = socket;
    this.#onNotice = onNotice;
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      for (const message of this.#parser.feed(piece)) this.#receive(message);
    });
    this.closed = new Promise((resolve) => {
      socket.on('error', (cause) => this.#fail(new Error(`management connection ${path} failed`, { cause })));
      socket.on('close', () => {
        this.#fail(new Error(`management connection ${path} was closed by the daemon`));
        resolve(this.#failure ?? new Error('closed'));
      });
    });
  }

  /** open connects to a daemon's socket; rejects if nobody listens there or this user may not. */
  static open(path: string, onNotice: (notice: Notice) => void): Promise<ManagementConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new ManagementConnection(socket, path, onNotice));
      });
    });
  }

  /** command sends one command and gives its one-line answer, refusals included. Rejects only if the connection ends first. */
  command(command: string, priority: 'urgent' | 'patient' = 'patient'): Promise<Answer> {
    return new Promise((resolve, reject) => this.#enqueue({ command, multiline: false, resolve, reject, lines: [] }, priority));
  }

  /**
   * list sends a command whose answer has lines and ends in END. `take` gets the answer before any notice that came after it: a client
   * that left right after the list was made must not be taken for one that is there.
   */
  list(command: string, take: (answer: Answer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const taken = (answer: Answer) => {
        take(answer);
        resolve();
      };
      this.#enqueue({ command, multiline: true, resolve: taken, reject, lines: [] }, 'patient');
    });
  }

  /** close ends the connection; the daemon goes on and waits for the next one. */
  close(): void {
    this.#fail(new Error('the management connection was closed by the agent'));
  }

  #enqueue(waiting: Waiting, priority: 'urgent' | 'patient'): void {
    if (this.#failure !== null) return waiting.reject(this.#failure);
    (priority === 'urgent' ? this.#urgent : this.#patient).push(waiting);
    this.#next();
  }

  #next(): void {
    if (this.#outstanding !== null) return;
    const next = this.#urgent.shift() ?? this.#patient.shift();
    if (next === undefined) return;
    this.#outstanding = next;
    this.#timer = setTimeout(() => {
      this.#fail(
        new Error(`openvpn did not answer "${next.command.split('\n', 1)[0] ?? ''}" within ${String(answerWithinMs)} ms`),
      );
    }, answerWithinMs);
    this.#socket.write(`${next.command}\n`, 'latin1');
  }

  #receive(message: ManagementMessage): void {
    switch (message.kind) {
      case 'answer':
        if (this.#outstanding?.multiline === true && message.ok) return;
        return this.#answer({ ok: message.ok, text: message.text });
      case 'line':
        // A line that belongs to nothing is dropped: the greeting of a daemon that wants a password, or an answer given up on.
        this.#outstanding?.lines.push(message.text);
        return;
      case 'end':
        if (this.#outstanding?.multiline === true) this.#answer({ ok: true, text: '' });
        return;
      default:
        this.#onNotice(message);
    }
  }

  #answer(answer: { readonly ok: boolean; readonly text: string }): void {
    const waiting = this.#outstanding;
    this.#outstanding = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    waiting?.resolve({ ...answer, lines: waiting.lines });
    this.#next();
  }

  #fail(cause: Error): void {
    if (this.#failure !== null) return;
    this.#failure = cause;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.destroy();
    const outstanding = this.#outstanding === null ? [] : [this.#outstanding];
    for (const waiting of [...outstanding, ...this.#urgent.splice(0), ...this.#patient.splice(0)]) waiting.reject(cause);
    this.#outstanding = null;
  }
}
