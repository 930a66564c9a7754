import type { Statement } from './fault.ts';

type Lan = Statement['lan'];

/** mergedStatement is what several statements about one site say together, of two that differ the earlier; undefined of none. */
export function mergedStatement(statements: readonly Statement[]): Lan | undefined {
  if (statements.length === 0) return undefined;
  const routers = statements.map(({ lan }) => lan.router).filter((router) => router !== null);
  const servers = statements.flatMap(({ lan }) => lan.servers);
  return {
    router: routers.length === 0 ? null : routers.reduce((known, more) => ({ ...more, ...withoutNulls(known) })),
    servers: [...Map.groupBy(servers, ({ address }) => address).values()].map((said) =>
      said.reduce((known, more) => ({ ...more, ...withoutNulls(known) })),
    ),
  };
}

/** contradicts: one says that nothing is known of a site's router, and the other what it is. */
export function contradicts(one: Statement | undefined, other: Statement | undefined): boolean {
  if (one === undefined || other === undefined || one.of !== other.of) return false;
  const silent = ({ lan }: Statement) => lan.router === null && lan.servers.length === 0;
  return (silent(one) && other.lan.router !== null) || (silent(other) && one.lan.router !== null);
}

function withoutNulls<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Partial<Fields>;
}
