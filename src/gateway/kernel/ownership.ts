/**
 * What the gateway of installation N owns in the kernel. Everything that carries one of these marks is the agent's to change and remove;
 * it touches nothing else, so that two installations and whatever else the machine does live side by side.
 */

/** Route protocol of our routes and rules: a number that iproute2 has no name for, so that `ip route show proto 196` is all ours. */
export const routeProtocol = 196;

export type KernelOwnership = {
  readonly installation: number;
  /** Table of the overlay's routes. 9600 is free of names in iproute2 and of meaning in systemd. */
  readonly table: number;
  /** First of the tables of egress classes and pins: `tablesEach` numbers from here on are ours. */
  readonly firstTable: number;
  readonly preferences: RulePreferences;
  /** Packets from our tuns carry it in `markMask`; the low 20 bits say more (MarkBits below). */
  readonly mark: number;
  readonly devicePrefix: string;
  readonly nftTable: string;
};

/**
 * RulePreferences are those of our `ip rule`s, in the order in which a packet meets them. Pins of networks come before the overlay's
 * routes, because they choose between connectors that have the same prefix; the way out to the internet comes after them, so that what a
 * network has always leads to that network, whatever class the source is of, and so that ICMP errors (which carry the mark of the packet
 * that they answer, by fwmark_reflect) find back to an overlay address.
 */
export type RulePreferences = {
  /** Leads flows without a pin past those rules: 500 of them are 4 microseconds for each look-up (measured, Linux 6.18). */
  readonly unpinned: number;
  readonly pins: number;
  readonly overlay: number;
  readonly exits: number;
  readonly refused: number;
};

export const markMask = 0xfff0_0000;

/**
 * The low 20 bits of our marks. Packets: the number of an egress class (0: none; 1023: it came from the internet), or one of the two
 * flags and the number of a connector's own lane. Connection marks: only the latter. `pinFlag`: the flow goes to a network through that
 * connector. `exitFlag`: it goes to the internet through it.
 */
const pinFlag = 0x8_0000;
const exitFlag = 0xc_0000;

/** internetClass is the class of packets that come from the internet: its table has a way back, which is all that rp_filter=2 asks for. */
export const internetClass = 1023;

/** Numbers in marks have 10 bits; a gateway has fewer lanes than that (the database's limit is 999). */
const numbersEach = 1024;
const tablesEach = 4 * numbersEach;

/** Installations on one machine are told apart in one hexadecimal digit of the mark. */
export const mostInstallations = 16;

/** kernelOwnership gives the marks of an installation. Throws RangeError for a number that does not fit the mark. */
export function kernelOwnership(installation: number): KernelOwnership {
  if (!Number.isInteger(installation) || installation < 0 || installation >= mostInstallations) {
    throw new RangeError(
      `installation number ${String(installation)} is not a whole number from 0 to ${String(mostInstallations - 1)}`,
    );
  }
  const table = 9600 + installation;
  return {
    installation,
    table,
    firstTable: 20_000 + installation * tablesEach,
    preferences: { unpinned: table - 60, pins: table - 40, overlay: table, exits: table + 40, refused: table + 80 },
    mark: 0x0c00_0000 + installation * 0x10_0000,
    devicePrefix: `cw${String(installation)}-`,
    nftTable: `causeway_${String(installation)}`,
  };
}

/** ownsTable is whether a routing table's number is one of ours. */
export function ownsTable(own: KernelOwnership, table: number): boolean {
  return table === own.table || (table >= own.firstTable && table < own.firstTable + tablesEach);
}

/** MarkAndTable is a mark of packets and the routing table that the rule for it leads to. */
export type MarkAndTable = { readonly mark: number; readonly table: number };

/** classMark is of the packets of an egress class, by its number. */
export function classMark(own: KernelOwnership, number: number): MarkAndTable {
  return { mark: own.mark + number, table: own.firstTable + number };
}

/** pinMark is of flows to a network that began through the connector with this lane of its own. */
export function pinMark(own: KernelOwnership, lane: number): MarkAndTable {
  return { mark: own.mark + pinFlag + lane, table: own.firstTable + numbersEach + lane };
}

/** unpinnedMarks matches every mark of ours that is neither a pinMark nor an exitMark: value and mask, as `ip rule` takes them. */
export function unpinnedMarks(own: KernelOwnership): string {
  return `0x${own.mark.toString(16)}/0x${(markMask + pinFlag).toString(16)}`;
}

/** exitMark is of flows to the internet that began through the connector with this lane of its own. */
export function exitMark(own: KernelOwnership, lane: number): MarkAndTable {
  return { mark: own.mark + exitFlag + lane, table: own.firstTable + 2 * numbersEach + lane };
}

/** anyExitMark matches every connection mark of a flow to the internet: value and mask, as conntrack takes them. */
export function anyExitMark(own: KernelOwnership): string {
  return `${markText(own.mark + exitFlag)}/${markText(markMask + exitFlag)}`;
}

/** markText is a mark as it is written in nft and for conntrack. */
export function markText(mark: number): string {
  return `0x${mark.toString(16).padStart(8, '0')}`;
}
