import { queryOptions } from '@tanstack/react-query';
import type { RouteShape } from '../../contract/api/route.ts';
import { callUntil } from './call.ts';
import type { AskingArguments } from './call.ts';

/**
 * asking gives the options of a query for a route: `useQuery(asking(networkRoutes.list))`. Its key begins with the path, so that
 * `invalidateQueries({ queryKey: [networkRoutes.list.path] })` refreshes whatever was read from there.
 */
export function asking<const Shape extends RouteShape>(shape: Shape, ...parts: AskingArguments<Shape>) {
  const [{ params, query } = {}] = parts as [{ readonly params?: object; readonly query?: object }?];
  return queryOptions({
    queryKey: [shape.path, params ?? {}, query ?? {}] as const,
    queryFn: async ({ signal }) => await callUntil(shape, signal, ...parts),
  });
}
