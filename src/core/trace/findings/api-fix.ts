import type { Fix } from './finding.ts';
import { fix, onCauseway } from './fix.ts';

type Change = {
  readonly method: 'PATCH' | 'PUT' | 'POST' | 'DELETE' | 'GET';
  /** Made of literals and checked words only. */
  readonly path: string;
  readonly body?: unknown;
};

/** apiCommand is one call of the API by root's own socket, which needs no credential (docs/security.md). */
export function apiCommand({ method, path, body }: Change): string {
  const sent = body === undefined ? '' : ` -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  return `curl -sS --fail-with-body --unix-socket /var/lib/causeway/run/api.sock -X ${method}${sent} 'http://localhost${path}'`;
}

/** apiFix changes something in Causeway itself. */
export function apiFix(
  title: string,
  changes: readonly Change[],
  more: Partial<Fix> & { readonly undone?: readonly Change[] } = {},
): Fix {
  const { undone, ...rest } = more;
  return fix({
    platform: 'causeway',
    title,
    where: onCauseway,
    commands: changes.map(apiCommand),
    undo: (undone ?? []).map(apiCommand),
    evidence: 'tested',
    ...rest,
  });
}
