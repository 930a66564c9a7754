/**
 * src/core/trace/checks are what the doctor looks at on a connector's machine beside the flows: settings that will fail later, and why a tunnel
 * does not come up. Each check is a pure function of what the agent reported; what was not reported gives no finding. Tests stand beside.
 *
 * This file: what a check is given.
 */
import type { ConnectorEndpoint } from '../../gateway-configuration.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { Connector, Network } from '../../model.ts';
import type { LanAddress } from '../../site-routes/lan-address.ts';
import type { Cause, Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Attachment, ObservedMachine } from '../input.ts';
import type { LinuxHost } from '../linux/linux-host.ts';

export type ConnectorView = {
  readonly connector: Connector;
  readonly endpoint: ConnectorEndpoint | undefined;
  readonly network: Network | null;
  readonly tunnelRanges: readonly PrefixText[];
  readonly attachment: Attachment | undefined;
  readonly host: LinuxHost;
  readonly lan: LanAddress | null;
  readonly machine: ObservedMachine | undefined;
  /** Text of a section; undefined where it was not reported. */
  readonly section: (name: string) => string | undefined;
  readonly observedAt: (name: string) => string | undefined;
  readonly isTunnel: (device: string) => boolean;
  readonly facts: Facts;
};

/** Check gives the causes that it finds, mostly none. */
export type Check = (view: ConnectorView) => readonly Cause[];

export function found(view: ConnectorView, code: FindingCode, facts: Facts = {}): readonly Cause[] {
  const { id, name } = view.connector;
  return [{ code, object: { kind: 'connector', id, label: name }, facts: { ...view.facts, ...facts } }];
}

export const nothing: readonly Cause[] = [];

/** lineOf is the value of a line `WORD=VALUE` of a section. */
export function lineOf(view: ConnectorView, section: string, word: string): string | undefined {
  return view
    .section(section)
    ?.split('\n')
    .find((line) => line.startsWith(`${word}=`))
    ?.slice(word.length + 1);
}
