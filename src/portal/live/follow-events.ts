import type { Event } from '../../contract/api/event.ts';
import { eventHeartbeat_ms, eventStreamPath } from '../../contract/api/event.ts';
import type { News } from './live-state.ts';

/** Events that come within this time are told together: a burst is a few messages to the other tabs. */
const collect_ms = 50;

/** Two heartbeats may be late; after that the stream is lost, although the browser does not say so: a network that drops packets closes nothing. */
const silence_ms = 2 * eventHeartbeat_ms + 10_000;

/** After a refusal the browser does not try again by itself. */
const shortestWait_ms = 2_000;
const longestWait_ms = 30_000;

/**
 * followEvents holds the stream of events and tells what comes, until the function that it gives is called. `place` is the last event that is
 * known; undefined: the stream begins with what happens next. While nobody answers the browser connects again by itself, from its place
 * (Last-Event-ID); after a refusal, when the network is back, and when the stream falls silent, this does.
 */
export function followEvents(place: () => number | undefined, tell: (news: News) => void): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let refusals = 0;
  let collected: Event[] = [];
  let collecting: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    clearTimeout(collecting);
    collecting = undefined;
    const events = collected;
    collected = [];
    if (events.length > 0) tell({ kind: 'events', events });
  };
  const disconnect = (): void => {
    clearTimeout(retry);
    clearTimeout(silence);
    source?.close();
    source = undefined;
    flush();
  };
  const connect = (): void => {
    disconnect();
    if (!navigator.onLine) {
      tell({ kind: 'state', state: 'offline' });
      return;
    }
    const since = place();
    const opened = new EventSource(since === undefined ? eventStreamPath : `${eventStreamPath}?since=${String(since)}`);
    source = opened;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        tell({ kind: 'state', state: 'reconnecting' });
        connect();
      }, silence_ms);
    };
    for (const kind of ['position', 'reset', 'message', 'heartbeat']) opened.addEventListener(kind, heard);
    heard();
    opened.addEventListener('position', ({ data }) => {
      refusals = 0;
      tell({ kind: 'position', seq: seqOf(data) });
      tell({ kind: 'state', state: 'live' });
    });
    opened.addEventListener('reset', ({ data }) => {
      flush();
      tell({ kind: 'reset', seq: seqOf(data) });
    });
    opened.addEventListener('message', ({ data }) => {
      collected.push(JSON.parse(String(data)) as Event);
      collecting ??= setTimeout(flush, collect_ms);
    });
    opened.addEventListener('error', () => {
      tell({ kind: 'state', state: navigator.onLine ? 'reconnecting' : 'offline' });
      if (opened.readyState !== EventSource.CLOSED) return;
      clearTimeout(silence);
      tell({ kind: 'refused' });
      retry = setTimeout(connect, Math.min(shortestWait_ms * 2 ** refusals, longestWait_ms));
      refusals += 1;
    });
  };

  window.addEventListener('online', connect);
  window.addEventListener('offline', connect);
  connect();
  return () => {
    window.removeEventListener('online', connect);
    window.removeEventListener('offline', connect);
    disconnect();
  };
}

function seqOf(data: unknown): number {
  return (JSON.parse(String(data)) as { readonly seq: number }).seq;
}
