import type { RuleText } from './desired-rules.ts';
import type { Routes } from './kernel-routes.ts';
import type { NftElements } from './nft-elements.ts';

/** ObservedDevice is one of our tuns as the kernel has it. */
export type ObservedDevice = { readonly up: boolean; readonly addresses: readonly string[] };

/** ObservedTable is our nft table: its chains and sets as shapes (nft-table.ts), and the elements of the sets. */
export type ObservedTable = { readonly shapes: ReadonlySet<string>; readonly elements: NftElements };

/** ObservedKernel is what the kernel holds of what is ours (ownership.ts), read from it and from nothing else. */
export type ObservedKernel = {
  readonly devices: ReadonlyMap<string, ObservedDevice>;
  readonly rules: ReadonlySet<RuleText>;
  /** Of our protocol, in the table of the overlay. */
  readonly routes: Routes;
  /** Of our protocol, in the tables of egress classes and pins that are not empty. */
  readonly tables: ReadonlyMap<number, Routes>;
  /** Null if the table is not there. */
  readonly table: ObservedTable | null;
};
