import type { Event } from '../../contract/api/event.ts';

/**
 * LiveState is whether what is shown follows what happens. connecting -> live -> reconnecting (nobody answers, the stream was refused or fell silent) or
 * offline (the browser says that it has no network) -> live again.
 */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** News is what one tab reads from the stream, and tells the others. */
export type News =
  | { readonly kind: 'state'; readonly state: LiveState }
  /** The stream goes on after event `seq`. */
  | { readonly kind: 'position'; readonly seq: number }
  /** What happened up to event `seq` cannot be had: everything has to be read anew. */
  | { readonly kind: 'reset'; readonly seq: number }
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  /** The controller answered, and would not give the stream: the session may have ended. */
  | { readonly kind: 'refused' };

/** isNews says whether a message of another tab is one: a tab may hold an older portal than this one. */
export function isNews(message: unknown): message is News {
  return typeof message === 'object' && message !== null && 'kind' in message && kinds.has(message.kind);
}

const kinds: ReadonlySet<unknown> = new Set<News['kind']>(['state', 'position', 'reset', 'events', 'refused']);
