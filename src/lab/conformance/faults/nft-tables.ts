import type { Host } from '../../host.ts';

/**
 * What Tailscale puts on a host (ts-input of util/linuxfw/iptables_runner.go, CGNATModeDrop): tunnel addresses of anybody else are dropped.
 * A table of its own stands for the chain in `filter`, which other faults use.
 */
export const tailscaleInput = `
table ip tailscale {
  chain ts-input {
    iifname != "tailscale0" ip saddr 100.64.0.0/10 counter drop
  }
  chain INPUT {
    type filter hook input priority filter; policy accept;
    counter jump ts-input
  }
}`;

/** removeTable also where there is none: the declaration makes it. */
export async function removeTable(host: Host, table: string): Promise<void> {
  await host.nft(`table ${table}\ndelete table ${table}`);
}
