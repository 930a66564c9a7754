import { createContext, use, useEffect, useEffectEvent } from 'react';
import type { Event } from '../../contract/api/event.ts';
import type { LiveState } from './live-state.ts';

/** Live is whether this tab follows what happens, and the events themselves for who wants them one by one. */
export type Live = {
  readonly state: LiveState;
  /** Calls `hear` with events as they come, in their order; an event may come twice. Gives the function that ends it. */
  readonly subscribe: (hear: (events: readonly Event[]) => void) => () => void;
};

export const LiveContext = createContext<Live>({ state: 'connecting', subscribe: () => () => undefined });

export function useLiveState(): LiveState {
  return use(LiveContext).state;
}

/** useEvents hears events as long as the component is shown. */
export function useEvents(hear: (events: readonly Event[]) => void): void {
  const { subscribe } = use(LiveContext);
  const onEvents = useEffectEvent(hear);
  useEffect(() => subscribe((events) => onEvents(events)), [subscribe]);
}
