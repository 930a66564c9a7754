import type { z } from 'zod';
import type { ProposedChange, changeEffect } from '../../contract/api/what-if.ts';
import { compile } from '../../core/compile.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { PairVerdict, Service } from '../../core/trace/compare.ts';
import { compareModels } from '../../core/trace/compare.ts';
import { exampleAddress } from '../../core/trace/example-address.ts';
import type { TraceInput } from '../../core/trace/input.ts';
import type { Verdict } from '../../core/trace/words.ts';
import { everythingOf } from './concern.ts';
import { withChanges } from './proposed-change.ts';
import { readTraceInput } from './read-trace-input.ts';
import type { TraceParts } from './run-trace.ts';

/** An address of the internet that nobody has (RFC 5737): flows for it go the way of all internet traffic. */
const somewhere = '198.51.100.1' as AddressText;

/** whatIf tells which flows changes would break and open. Reads the model once; writes nothing. */
export async function whatIf(
  { database, configurations }: TraceParts,
  changes: readonly ProposedChange[],
): Promise<z.input<typeof changeEffect>> {
  const { input, site } = await readTraceInput(database, configurations, ({ model }) => everythingOf(model));
  const model = withChanges(input.model, changes);
  const after: TraceInput = { ...input, model, configuration: compile(model, site) };
  const { checked, breaks, opens, others } = compareModels(input, after, servicesOf(input, after));
  return {
    revision: input.model.revision,
    checked,
    breaks: breaks.map((pair) => pairOf(pair, 'works')),
    opens: opens.map((pair) => pairOf(pair, null)),
    others: others.map((pair) => pairOf(pair, pair.before)),
    summary: `this change breaks ${flows(breaks.length)} and opens ${String(opens.length)}`,
  };
}

function flows(count: number): string {
  return count === 1 ? '1 flow' : `${String(count)} flows`;
}

/** Something in each prefix that there is before or after, each host, and the internet: what a change of the model can take away or give. */
function servicesOf(before: TraceInput, after: TraceInput): readonly Service[] {
  const web = { protocol: 'tcp', port: 443 } as const;
  const services = new Map<AddressText, Service>();
  for (const input of [before, after]) {
    for (const network of input.model.networks) {
      for (const prefix of network.prefixes) {
        const example = exampleAddress(input, { ...network, prefixes: [prefix] });
        if (example === undefined || services.has(example.address)) continue;
        const label = `${network.name} (${prefix})`;
        services.set(example.address, { ...web, object: { kind: 'network', id: network.id, label }, address: example.address });
      }
    }
    for (const { id, name } of input.model.hosts) {
      const connector = input.model.connectors.find(({ site }) => site.id === id);
      if (connector === undefined) continue;
      services.set(connector.address, { ...web, object: { kind: 'host', id, label: name }, address: connector.address });
    }
  }
  services.set(somewhere, { ...web, object: { kind: 'server', id: somewhere, label: 'the internet' }, address: somewhere });
  return [...services.values()];
}

function pairOf({ group, service, verdict }: PairVerdict, before: Verdict | null) {
  const { object, address, protocol, port } = service;
  return {
    userGroupId: group.id,
    userGroupName: group.name,
    destination: object,
    address,
    protocol,
    port,
    before,
    after: verdict,
  };
}
