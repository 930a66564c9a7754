/** LaneClient is one client of a running daemon as `status 3` tells it: what an agent learns that attaches after its own restart. */
export type LaneClient = {
  readonly cid: number;
  readonly commonName: string;
  readonly realAddress: string;
  /** Null while the daemon still waits for an answer to this client's CONNECT. */
  readonly tunnelAddress: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** What the daemon sends to it besides its own address: its iroutes. Destinations that it merely learned are not among them. */
  readonly owns: readonly string[];
};

/**
 * parseStatus reads the lines of `status 3` (tab-separated; columns by the HEADER lines of openvpn 2.6 multi.c, which newer versions only
 * append to). Rows that are not understood are left out.
 */
export function parseStatus(lines: readonly string[]): LaneClient[] {
  const rows = lines.map((line) => line.split('\t'));
  const owned = new Map<string, string[]>();
  for (const [kind, destination = '', commonName = '', realAddress = ''] of rows) {
    if (kind !== 'ROUTING_TABLE' || !/^[0-9.]+\/\d+$/.test(destination)) continue;
    const key = `${commonName}\t${realAddress}`;
    owned.set(key, [...(owned.get(key) ?? []), destination]);
  }
  return rows.flatMap(([kind, commonName = '', realAddress = '', tunnelAddress, , bytesIn, bytesOut, , since, , cid]) => {
    if (kind !== 'CLIENT_LIST' || cid === undefined || !/^\d+$/.test(cid)) return [];
    return [
      {
        cid: Number(cid),
        commonName,
        realAddress: clientHost(realAddress),
        tunnelAddress: tunnelAddress === undefined || tunnelAddress === '' ? null : tunnelAddress,
        bytesIn: Number(bytesIn) || 0,
        bytesOut: Number(bytesOut) || 0,
        since: (Number(since) || 0) * 1000,
        owns: owned.get(`${commonName}\t${realAddress}`) ?? [],
      },
    ];
  });
}

/** clientHost takes the address out of `192.0.2.2:43603`, `udp4:192.0.2.2:43603` (2.7) or `[2001:db8::1]:43603`. */
export function clientHost(realAddress: string): string {
  const bare = realAddress.replace(/^(udp|tcp)[46]?(-server|-client)?:/, '');
  return bare.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
