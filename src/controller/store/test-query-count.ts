import type { Database } from './database.ts';

/** QueryCount is a database that counts the queries sent by it, those of its transactions too. */
export type QueryCount = {
  readonly database: Database;
  /** How many since the last call. */
  readonly take: () => number;
};

/** countQueries is for tests that say how many queries something takes, however many rows there are. */
export function countQueries(database: Database): QueryCount {
  let queries = 0;
  const counted = database.withPlugin({
    transformQuery: ({ node }) => {
      queries += 1;
      return node;
    },
    transformResult: async ({ result }) => await Promise.resolve(result),
  });
  const take = () => {
    const taken = queries;
    queries = 0;
    return taken;
  };
  return { database: counted, take };
}
