import type { PrefixText } from '../../core/ip/prefix.ts';
import type { AttachedKey, RuleText } from './desired-kernel.ts';

/** ObservedDevice is one of our tuns as the kernel has it. */
export type ObservedDevice = { readonly up: boolean; readonly addresses: readonly string[] };

/** ObservedTable is our nft table: its chains and sets as shapes (nft-table.ts), and the elements of the sets. */
export type ObservedTable = {
  readonly shapes: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
  readonly hosts: ReadonlySet<AttachedKey>;
  readonly sites: ReadonlySet<AttachedKey>;
};

/** ObservedKernel is what the kernel holds of what is ours (ownership.ts), read from it and from nothing else. */
export type ObservedKernel = {
  readonly devices: ReadonlyMap<string, ObservedDevice>;
  readonly rules: ReadonlySet<RuleText>;
  /** Destination to tun, of our protocol in our table. */
  readonly routes: ReadonlyMap<PrefixText, string>;
  readonly unreachableDefault: boolean;
  /** Null if the table is not there. */
  readonly table: ObservedTable | null;
};
