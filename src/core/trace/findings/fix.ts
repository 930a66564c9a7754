import type { Evidence } from '../../platforms/platform.ts';
import type { Cause } from '../cause.ts';
import type { Fix } from './finding.ts';
import { named, network, object, shown } from './sentences.ts';

type Draft = Pick<Fix, 'platform' | 'title' | 'where'> &
  Partial<Omit<Fix, 'canApply' | 'evidence'>> & { readonly evidence: Evidence };

/** fix fills in what most fixes have not. */
export function fix(draft: Draft): Fix {
  return {
    commands: [],
    console: [],
    terraform: null,
    undo: [],
    risk: '',
    betterWhen: '',
    action: null,
    verify: [],
    ...draft,
    canApply: draft.action === undefined || draft.action === null ? 'operator' : 'agent',
  };
}

/** byHand is for what no command of ours does; its steps say what to do. */
export function byHand(title: string, where: string, steps: readonly string[], more: Partial<Draft> = {}): Fix {
  return fix({ platform: 'manual', title, where, console: steps, evidence: 'unverified', ...more });
}

/** onConnector names the connector's machine, where commands are run as root. */
export function onConnector(cause: Cause): string {
  const { connectorName } = cause.facts;
  if (connectorName !== undefined) return `on the machine of connector ${named(connectorName)}, as root`;
  return cause.object.kind === 'connector'
    ? `on the machine of ${object(cause)}, as root`
    : "on the connector's machine, as root";
}

export function onRouter({ facts }: Cause): string {
  const address = facts.routerAddress === undefined ? '' : ` (${shown(facts.routerAddress)})`;
  return `at the router${address} of ${network(facts)}`;
}

export function onServer({ facts }: Cause): string {
  return facts.destination === undefined ? 'on the server' : `on the server ${shown(facts.destination)}`;
}

export const onCauseway = 'on the Causeway server, as root (its data in /var/lib/causeway)';
