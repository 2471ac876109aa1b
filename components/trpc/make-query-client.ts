import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import superjson from 'superjson';
import { readProblem } from './read-problem.ts';

const staleMs = 10_000;
const retriesMax = 2;

/** Only what may go away by itself is asked again: the network, the database, an overload. */
function isWorthRetrying(failures: number, error: unknown): boolean {
  return failures < retriesMax && readProblem(error).isPassing;
}

/**
 * The cache of one browser tab, or of one request on the server. Only finished queries travel with
 * the page: one that finished between drawing and hydrating would make the two disagree.
 * @param onSignedOut called when the server says that nobody is signed in any more
 */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (readProblem(error).kind === 'signed-out') onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: staleMs, retry: isWorthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
      dehydrate: { serializeData: superjson.serialize },
      hydrate: { deserializeData: superjson.deserialize },
    },
  });
}
