import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { WebSessionState } from '../../contract/api/web-session.ts';
import { webSessionRoutes } from '../../contract/api/web-session.ts';
import { asking } from '../api/ask.ts';

/**
 * useSessionChange wraps a call that answers with the new state of the session: signing in, the second factor, signing out. What was read
 * for somebody else leaves the cache before the next one sees anything.
 */
export function useSessionChange<Given>(change: (given: Given) => Promise<WebSessionState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (state) => {
      const { queryKey } = asking(webSessionRoutes.read);
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
      client.setQueryData(queryKey, state);
    },
  });
}
