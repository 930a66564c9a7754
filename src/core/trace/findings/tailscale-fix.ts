import type { Cause } from '../cause.ts';
import { interfaceWord } from './command-words.ts';
import type { Fix } from './finding.ts';
import { fix, onConnector, onServer } from './fix.ts';

/** acceptInTailscale lets in what Tailscale takes for forged. `range` is a checked word. */
export function acceptInTailscale(cause: Cause, range: string): Fix {
  // A connector's interface in the facts is Tailscale's own; what it drops came by the tunnel.
  const from = cause.object.kind === 'connector' ? 'causeway*' : interfaceWord(cause.facts.interface);
  return fix({
    platform: 'linux',
    title: "Accept the WPC's range before Tailscale drops it",
    where: cause.object.kind === 'connector' ? onConnector(cause) : `${onServer(cause)}, as root`,
    commands: [`nft insert rule ip filter ts-input iifname '"${from}"' ip saddr ${range} accept comment '"causeway-tailscale"'`],
    undo: [
      `nft -a list chain ip filter ts-input | sed -n 's/.*causeway-tailscale.*# handle //p' | while read -r handle; do nft delete rule ip filter ts-input handle "$handle"; done`,
    ],
    risk: 'Tailscale writes its chain anew when it starts. Its peers with the same addresses are then hidden on this machine.',
    betterWhen: 'it is one machine, and it has to see real addresses',
    verify: ['nft list chain ip filter ts-input'],
    evidence: 'unverified',
  });
}
