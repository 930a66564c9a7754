import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { PlatformId } from '../platforms/catalogue.ts';

/** LanStatement is what an operator has said of a network's LAN. Null and absent always mean: nobody has said, never "no". */
export type LanStatement = {
  readonly router: RouterStatement | null;
  readonly servers: readonly ServerStatement[];
};

/** RouterStatement is the LAN's default router. */
export type RouterStatement = {
  readonly platform: PlatformId | null;
  /** Static routes that it has, all of them; null: not stated. */
  readonly routes: readonly { readonly destination: PrefixText; readonly nextHop: AddressText }[] | null;
  /** It drops packets of flows whose beginning it did not see, as firewalls do. */
  readonly stateful: boolean | null;
  /** It tells hosts of better next hops by ICMP redirects. */
  readonly redirects: boolean | null;
  /** Whose sources it hides behind its public address; null: not stated. */
  readonly natSources: readonly PrefixText[] | null;
};

/** ServerStatement is one machine of the LAN. */
export type ServerStatement = {
  readonly address: AddressText;
  /** Its default gateway, where that is another than the LAN's router. */
  readonly gateway: AddressText | null;
  /** Sources that its own firewall lets in; null: not stated. */
  readonly admits: readonly PrefixText[] | null;
  readonly runsTailscale: boolean | null;
};
