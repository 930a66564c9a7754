import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { webSessionRoutes } from '../../contract/api/web-session.ts';
import { affectedBy } from './affected.ts';
import { LiveContext } from './live-context.ts';
import type { LiveState, News } from './live-state.ts';
import { Refresher } from './refresher.ts';
import { shareEvents } from './share-events.ts';

/** LiveProvider follows what happens for everything within: it is there once, around the pages of who may read events. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const refresher = new Refresher(client, () => document.hidden);
    let isPlaced = false;
    const hear = (news: News): void => {
      switch (news.kind) {
        case 'state':
          setState(news.state);
          return;
        case 'position':
          // What was read before the first place is known may be older than it; later ones are followed by what was missed.
          if (!isPlaced) refresher.addAll();
          isPlaced = true;
          return;
        case 'reset':
          refresher.addAll();
          return;
        case 'events':
          refresher.add(news.events.flatMap(({ entity }) => affectedBy(entity)));
          return;
        case 'refused':
          void client.invalidateQueries({ queryKey: [webSessionRoutes.read.path] });
      }
    };
    const stop = shareEvents(hear);
    return () => {
      stop();
      refresher.close();
    };
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}
