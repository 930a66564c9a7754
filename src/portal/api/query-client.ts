import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { webSessionRoutes } from '../../contract/api/web-session.ts';
import { ApiError } from './api-error.ts';

const sessionKey = [webSessionRoutes.read.path];

function endsPage({ status, code }: ApiError): boolean {
  return status === 401 || code === 'second-factor-required';
}

/** A few seconds of one page are the truth for the next one; it refreshes behind. */
const fresh_ms = 5_000;
const longestWait_ms = 10_000;

/**
 * createQueryClient makes the cache of what was read. An answer 401 anywhere means that the session has ended, `second-factor-required` that it
 * may do nothing before there is one: the gate asks again who is signed in, and shows what comes first in place of the page, whose address stays.
 */
export function createQueryClient(): QueryClient {
  const lookAtSession = (error: unknown): void => {
    if (error instanceof ApiError && endsPage(error)) void client.invalidateQueries({ queryKey: sessionKey });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[0] !== sessionKey[0]) lookAtSession(error);
      },
    }),
    mutationCache: new MutationCache({ onError: lookAtSession }),
    defaultOptions: {
      queries: {
        staleTime: fresh_ms,
        retry: (failures, error) => failures < 3 && error instanceof ApiError && error.mayPass,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, longestWait_ms),
      },
      mutations: { retry: false },
    },
  });
  return client;
}
