/**
 * What the gateway of installation N owns in the kernel. Everything that carries one of these marks is the agent's to change and remove;
 * it touches nothing else, so that two installations and whatever else the machine does live side by side.
 */

/** Route protocol of our routes and rules: a number that iproute2 has no name for, so that `ip route show proto 196` is all ours. */
export const routeProtocol = 196;

export type KernelOwnership = {
  readonly installation: number;
  /** Routing table and preference of the rules that lead to it. 9600 is free of names in iproute2 and of meaning in systemd. */
  readonly table: number;
  /** Packets from our tuns carry it; the low 20 bits are left to whoever uses them (policy groups later, or other software). */
  readonly mark: number;
  readonly devicePrefix: string;
  readonly nftTable: string;
};

export const markMask = 0xfff0_0000;

/** Installations on one machine are told apart in one hexadecimal digit of the mark. */
export const mostInstallations = 16;

/** kernelOwnership gives the marks of an installation. Throws RangeError for a number that does not fit the mark. */
export function kernelOwnership(installation: number): KernelOwnership {
  if (!Number.isInteger(installation) || installation < 0 || installation >= mostInstallations) {
    throw new RangeError(
      `installation number ${String(installation)} is not a whole number from 0 to ${String(mostInstallations - 1)}`,
    );
  }
  return {
    installation,
    table: 9600 + installation,
    mark: 0x0c00_0000 + installation * 0x10_0000,
    devicePrefix: `cw${String(installation)}-`,
    nftTable: `causeway_${String(installation)}`,
  };
}
