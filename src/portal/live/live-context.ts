import { createContext, use } from 'react';
import type { LiveState } from './live-state.ts';

export const LiveContext = createContext<LiveState>('connecting');

/** useLiveState says whether this tab follows what happens. */
export function useLiveState(): LiveState {
  return use(LiveContext);
}
