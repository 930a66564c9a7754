import { followEvents } from './follow-events.ts';
import type { LiveState, News } from './live-state.ts';
import { isNews } from './live-state.ts';

/** Of the lock and of the channel; the tabs of one origin have one session. */
const name = 'causeway-events';

/** What a tab that comes later asks the one that holds the stream: where it is. */
const question = { kind: 'where' } as const;

/**
 * shareEvents lets the tabs of a browser hear one stream: the tab that has the lock holds it and tells the others, and when it is closed the
 * browser gives the lock to another one, which goes on from the last event that it has heard of. Ends with the function that it gives.
 */
export function shareEvents(hear: (news: News) => void): () => void {
  const channel = new BroadcastChannel(name);
  const leaving = new AbortController();
  let place: number | undefined;
  let state: LiveState = 'connecting';
  let isHolder = false;

  const take = (news: News): void => {
    if (news.kind === 'events') place = news.events.at(-1)?.seq ?? place;
    else if (news.kind === 'position' || news.kind === 'reset') place = news.seq;
    else if (news.kind === 'state') state = news.state;
    hear(news);
  };
  const tell = (news: News): void => {
    take(news);
    channel.postMessage(news);
  };
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isNews(data)) take(data);
    else if (isHolder && place !== undefined) {
      channel.postMessage({ kind: 'position', seq: place } satisfies News);
      channel.postMessage({ kind: 'state', state } satisfies News);
    }
  });
  channel.postMessage(question);

  const hold = async (): Promise<void> => {
    isHolder = true;
    const stop = followEvents(() => place, tell);
    await new Promise((resolve) => leaving.signal.addEventListener('abort', resolve));
    stop();
  };
  navigator.locks.request(name, { signal: leaving.signal }, hold).catch((error: unknown) => {
    // Who leaves while another tab holds the lock does not want it any more.
    if (!leaving.signal.aborted) throw error;
  });
  return () => {
    leaving.abort();
    channel.close();
  };
}
