import type { Change, ChangeList } from '../contract/api/change.ts';
import { printable, table } from './table.ts';

/** changeText is one change for people, from whoever asked for it to the kernels; names may hold anything and are made printable. */
export function changeText(change: Change): string {
  const { revision, at, who } = change;
  return [
    `change ${String(revision)} of ${at}\n`,
    section('Asked for by', who === null ? [['nobody knows any more: the audit of that time has been deleted']] : author(who)),
    section('Did', [
      ...change.did.map(({ entity, action, name, entityId }) => [
        `${printable(entity)} ${printable(action)}`,
        named(name, entityId),
      ]),
      ...change.cameOfIt.map(({ topic, name, entityId }) => [`came of it: ${printable(topic)}`, named(name, entityId)]),
    ]),
    section('Gateways', change.gateways.flatMap(gatewayRows)),
    section('Connectors', connectorRows(change)),
  ].join('');
}

function author({ kind, name, sourceAddress, requestId }: NonNullable<Change['who']>): string[][] {
  return [
    ['who', kind === name.replaceAll(' ', '-') ? printable(name) : `${printable(kind)} ${printable(name)}`],
    ['from', sourceAddress === null ? 'this machine' : printable(sourceAddress)],
    ['request', requestId === null ? 'none: the controller did it by itself' : printable(requestId)],
  ];
}

function named(name: string | null, id: string): string {
  return name === null ? printable(id) : `${printable(name)} (${printable(id)})`;
}

function gatewayRows({
  gateway,
  state,
  by,
  receivedAt,
  appliedAt,
  tookMs,
  steps,
  commands,
}: Change['gateways'][number]): string[][] {
  if (state === 'waiting') return [[printable(gateway), 'WAITING', 'its kernel does not have it yet, or it has not said so']];
  if (by === null) return [[printable(gateway), 'applied', 'when is not known']];
  const counts = Object.entries(steps).map(([kind, count]) => `${printable(kind)} ${String(count)}`);
  return [
    [
      printable(gateway),
      'applied',
      `${appliedAt ?? ''} as revision ${String(by)}, ${String(Math.round(tookMs ?? 0))} ms after it came (${receivedAt ?? ''})`,
    ],
    ['', 'kernel', counts.length === 0 ? 'had all of it already' : counts.join(', ')],
    ...commands.map((command) => ['', '', printable(command)]),
  ];
}

function connectorRows({ connectors: { have, all, first } }: Change): string[][] {
  if (all === 0) return [['none has an agent that has reported a revision']];
  return [[`${String(have)} of ${String(all)} have it`], ...first.map(({ name, at }) => [printable(name), at])];
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return `\n${title}\n${table(rows)}`;
}

/** changeListText is one line for each change, newest first. */
export function changeListText({ changes }: ChangeList): string {
  if (changes.length === 0) return 'Nothing was changed yet.\n';
  const rows = changes.map(({ revision, at, who, did }) => [String(revision), at, printable(who), printable(short(did))]);
  return table([['CHANGE', 'WHEN', 'WHO', 'DID'], ...rows]);
}

const shownDeeds = 3;

function short(did: readonly string[]): string {
  const more = did.length - shownDeeds;
  return `${did.slice(0, shownDeeds).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
