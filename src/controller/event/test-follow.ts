/** A reader of text/event-stream over a real connection, for tests. */
import { once } from 'node:events';
import http from 'node:http';

export type Message = { readonly event: string; readonly id: string; readonly data: string };

export type Followed = {
  readonly response: http.IncomingMessage;
  /** Waits for the next message, for the end of the stream at most: undefined. Comments and heartbeats are passed over. */
  readonly next: () => Promise<Message | undefined>;
  /** Waits for the next message, be it a heartbeat. */
  readonly nextOfAll: () => Promise<Message | undefined>;
  readonly close: () => void;
};

/** follow opens a stream; the answer may be a refusal. */
export async function follow(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Followed> {
  const request = http.get(url, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const messages = parse(response);
  const nextOfAll = async (): Promise<Message | undefined> => (await messages.next()).value;
  const next = async (): Promise<Message | undefined> => {
    for (;;) {
      const message = await nextOfAll();
      if (message?.event !== 'heartbeat') return message;
    }
  };
  return {
    response,
    next,
    nextOfAll,
    close: () => request.destroy(),
  };
}

async function* parse(chunks: AsyncIterable<Buffer>): AsyncGenerator<Message, undefined> {
  let rest = '';
  try {
    for await (const chunk of chunks) {
      rest += chunk.toString();
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('data') !== '') yield { event: field('event') || 'message', id: field('id'), data: field('data') };
      }
    }
  } catch {
    // Cut by the server: for a reader of events that is the end.
  }
  return undefined;
}
