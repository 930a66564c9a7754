import type { Cause, Facts } from '../cause.ts';
import type { NftChain } from './command-words.ts';
import { nftChain } from './command-words.ts';
import type { Fix } from './finding.ts';
import { byHand, fix, onConnector } from './fix.ts';
import { quoted } from './sentences.ts';

/**
 * What lets packets pass that another firewall drops: an accept in the very table that drops, since an accept of ours ends our own chain
 * only (tracing.md 0.8), and for both directions, since answers arrive as packets too. As connector/agent/firewalls.sh does it: the same
 * devices, and the comment by which the agent's uninstall finds rules in Docker's chain.
 */

export type FirewallOwner = 'docker' | 'ufw' | 'firewalld' | 'libvirt' | 'legacy' | 'other';

const devices = ['causeway0', 'causeway1'];

/** firewallOwner is whose table a rule stands in: as the model of the filters says, or by the names that this software gives. */
export function firewallOwner({ owner, table, chain }: Facts): FirewallOwner {
  const said = owner?.toLowerCase() ?? '';
  const known = (['docker', 'ufw', 'firewalld', 'libvirt', 'legacy'] as const).find((each) => said.includes(each));
  if (known !== undefined) return known;
  if (table === 'firewalld') return 'firewalld';
  if (table === 'libvirt_network' || chain?.startsWith('LIBVIRT_') === true) return 'libvirt';
  if (chain?.startsWith('ufw-') === true) return 'ufw';
  return chain?.startsWith('DOCKER') === true ? 'docker' : 'other';
}

/** acceptForward is the fix at the owner's own place first. */
export function acceptForward(cause: Cause): Fix {
  switch (firewallOwner(cause.facts)) {
    case 'docker':
      return accept(cause, 'Accept the tunnel before the rules of Docker', dockerChain(cause.facts), {
        risk: 'Containers become reachable from the WPC as far as the WPC allows it.',
      });
    case 'ufw':
      return ufw(cause);
    case 'firewalld':
      return firewalld(cause);
    case 'libvirt':
      return accept(cause, 'Accept the tunnel before the rules of libvirt', libvirtChain(cause.facts), {
        risk: 'libvirt writes its rules anew when one of its networks starts: put the lines into a hook of libvirt (/etc/libvirt/hooks/network) too.',
      });
    case 'legacy':
      return acceptLegacy(cause);
    case 'other':
      return accept(cause, 'Accept the tunnel in the chain that drops', nftChain(cause.facts), {
        risk: 'Gone when the owner of the table loads it again: put the lines into the file that it is loaded from too.',
      });
  }
}

function accept(cause: Cause, title: string, place: NftChain | undefined, { risk }: { readonly risk: string }): Fix {
  if (place === undefined) return acceptByHand(cause, title);
  const chain = `${place.family} ${place.table} ${place.chain}`;
  const insert = (side: string) => `nft insert rule ${chain} ${side} '"causeway*"' counter accept comment '"causeway-connector"'`;
  return fix({
    platform: 'linux',
    title,
    where: onConnector(cause),
    commands: [insert('iifname'), insert('oifname')],
    undo: [
      `nft -a list chain ${chain} | sed -n 's/.*causeway-connector.*# handle //p' | while read -r handle; do nft delete rule ${chain} handle "$handle"; done`,
    ],
    risk,
    action: { kind: 'accept-forward', ...place },
    verify: [`nft list chain ${chain}`],
    evidence: 'tested',
  });
}

function acceptByHand(cause: Cause, title: string): Fix {
  const { chain, table } = cause.facts;
  return byHand(title, onConnector(cause), [
    `Insert two rules at the top of chain ${quoted(chain, 'that drops')} of table ${quoted(table, 'it stands in')}: accept what comes in by causeway*, and accept what goes out by causeway*. Its name cannot stand in a command as it is: "nft -a list ruleset" shows it.`,
  ]);
}

/** The chain that Docker keeps for this; with rules in nft's own tables it keeps none. */
function dockerChain(facts: Facts): NftChain | undefined {
  const { family, table } = facts;
  if (table === 'docker-bridges') return nftChain(facts);
  return { family: family === 'ip6' ? 'ip6' : 'ip', table: 'filter', chain: 'DOCKER-USER' };
}

/** The base chain, since libvirt's own chains see one direction each. */
function libvirtChain(facts: Facts): NftChain | undefined {
  const place = nftChain(facts);
  if (place === undefined) return undefined;
  return { ...place, chain: place.table === 'libvirt_network' ? 'forward' : 'FORWARD' };
}

function ufw(cause: Cause): Fix {
  const each = (line: (device: string, side: 'in' | 'out') => string) =>
    devices.flatMap((device) => [line(device, 'in'), line(device, 'out')]);
  return fix({
    platform: 'linux',
    title: 'Let ufw route the tunnel',
    where: onConnector(cause),
    commands: each((device, side) => `ufw route allow ${side} on ${device} comment causeway-connector`),
    undo: each((device, side) => `ufw route delete allow ${side} on ${device}`),
    risk: 'ufw sets its own sysctls when it starts (/etc/ufw/sysctl.conf): look there if forwarding is off afterwards.',
    verify: ['ufw status verbose'],
    evidence: 'tested',
  });
}

/** A permanent configuration and one reload, so that what runs and what is kept are the same. */
function firewalld(cause: Cause): Fix {
  const permanent = (what: string) => `firewall-cmd --permanent ${what}`;
  return fix({
    platform: 'linux',
    title: 'Give the tunnel a zone of firewalld, and let it forward both ways',
    where: onConnector(cause),
    commands: [
      permanent('--new-zone=causeway'),
      ...devices.map((device) => permanent(`--zone=causeway --add-interface=${device}`)),
      permanent('--new-policy=causeway-in'),
      permanent('--policy=causeway-in --set-target=ACCEPT'),
      permanent('--policy=causeway-in --add-ingress-zone=causeway'),
      permanent('--policy=causeway-in --add-egress-zone=ANY'),
      permanent('--new-policy=causeway-out'),
      permanent('--policy=causeway-out --set-target=ACCEPT'),
      permanent('--policy=causeway-out --add-ingress-zone=ANY'),
      permanent('--policy=causeway-out --add-egress-zone=causeway'),
      'firewall-cmd --reload',
    ],
    undo: [
      permanent('--delete-policy=causeway-in'),
      permanent('--delete-policy=causeway-out'),
      permanent('--delete-zone=causeway'),
      'firewall-cmd --reload',
    ],
    risk: 'A reload forgets what was set without --permanent. A line that answers NAME_CONFLICT was there already.',
    verify: [
      'firewall-cmd --get-active-zones',
      'firewall-cmd --info-policy=causeway-in',
      'firewall-cmd --info-policy=causeway-out',
    ],
    evidence: 'documented',
  });
}

/** acceptLegacy is for rules of iptables-legacy, which nft does not show. */
export function acceptLegacy(cause: Cause): Fix {
  const program = cause.facts.family === 'ip6' ? 'ip6tables-legacy' : 'iptables-legacy';
  const chain = cause.facts.chain === 'DOCKER-USER' ? 'DOCKER-USER' : 'FORWARD';
  const each = (verb: string) => [
    `${program} ${verb} ${chain} -i causeway+ -j ACCEPT`,
    `${program} ${verb} ${chain} -o causeway+ -j ACCEPT`,
  ];
  return fix({
    platform: 'linux',
    title: 'Accept the tunnel in iptables-legacy',
    where: onConnector(cause),
    commands: each('-I'),
    undo: each('-D'),
    risk: 'Gone after a restart: put the lines where the other rules of iptables-legacy are loaded from.',
    verify: [`${program} -S ${chain}`],
    evidence: 'unverified',
  });
}
