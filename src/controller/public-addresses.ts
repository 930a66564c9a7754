import { lookup } from 'node:dns/promises';
import type { Logger } from 'pino';
import type { AddressText } from '../core/ip/address.ts';
import { compareAddress, formatAddress, strictAddress, tryParseAddress } from '../core/ip/address.ts';
import type { InstallationInfo } from './deps.ts';
import type { Job } from './metrics/metrics.ts';
import { systemActor } from './principal.ts';
import { inModelTransaction } from './store/model-transaction.ts';
import type { Store } from './store/store.ts';

/** ResolveIpv4 gives the IPv4 addresses of a name; rejects where it has none, or cannot be asked. */
export type ResolveIpv4 = (hostname: string) => Promise<readonly string[]>;

type AddressDeps = {
  readonly store: Store;
  readonly installation: Pick<InstallationInfo, 'hostname'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
};

/** A name that moves is followed within this time. Until then an endpoint may lose its tunnel if a route covers the new address. */
const interval_ms = 600_000;

/** As the machine itself resolves names: DNS, and what /etc/hosts says. */
const resolveBySystem: ResolveIpv4 = async (hostname) =>
  (await lookup(hostname, { family: 4, all: true })).map(({ address }) => address);

/**
 * refreshPublicAddresses writes down where each gateway is reached from outside, so that no endpoint is given a route that covers it: its
 * tunnel would go through itself. An address stands for itself; a name that cannot be resolved keeps the addresses that it had.
 */
export async function refreshPublicAddresses(deps: AddressDeps, resolve: ResolveIpv4 = resolveBySystem): Promise<void> {
  const { store, installation, log } = deps;
  const gateways = await store.database.selectFrom('gateway').select(['id', 'name', 'hostname', 'public_addresses']).execute();
  for (const { id, name, hostname, public_addresses: held } of gateways) {
    const host = hostname ?? installation.hostname;
    let addresses: readonly AddressText[];
    try {
      addresses = await addressesOf(host, resolve);
    } catch (error) {
      log.warn(
        { err: error, gateway: name, hostname: host, kept: held },
        'the name of a gateway has no IPv4 address now; its routes keep clear of the last ones, trying again in 10 minutes',
      );
      continue;
    }
    if (isSame(held, addresses)) continue;
    await inModelTransaction(store, systemActor, async ({ trx, record }) => {
      const { numUpdatedRows } = await trx
        .updateTable('gateway')
        .set({ public_addresses: [...addresses] })
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      // Deleted meanwhile.
      if (numUpdatedRows === 0n) return;
      const [before, after] = [{ publicAddresses: held }, { publicAddresses: addresses }];
      record({ entity: 'gateway', entityId: id, action: 'updated', before, after });
    });
    log.info({ gateway: name, hostname: host, addresses }, 'the gateway is reached at these addresses');
  }
}

/** keepPublicAddresses refreshes them now and every ten minutes, in the background; gives the function that ends it. */
export function keepPublicAddresses(deps: AddressDeps & { readonly job: Job }, resolve?: ResolveIpv4): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const refresh = (): void => {
    running = running
      .then(async () => await deps.job(async () => await refreshPublicAddresses(deps, resolve)))
      .catch((error: unknown) => deps.log.warn({ err: error }, 'looking up where gateways are reached failed; trying again'));
  };
  refresh();
  const timer = setInterval(refresh, interval_ms);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function addressesOf(host: string, resolve: ResolveIpv4): Promise<AddressText[]> {
  const literal = tryParseAddress(host);
  // A gateway that is reached over IPv6 only needs no way kept clear: tunnels carry IPv4.
  if (literal !== undefined) return literal.family === 4 ? [formatAddress(literal)] : [];
  const found = (await resolve(host)).flatMap((text) => tryParseAddress(text) ?? []).filter(({ family }) => family === 4);
  return [...new Set(found.toSorted(compareAddress).map((address) => formatAddress(address)))];
}

/** Names with several addresses are answered in a different order each time. */
function isSame(held: readonly AddressText[], addresses: readonly AddressText[]): boolean {
  const sorted = held.map((text) => strictAddress(text)).toSorted(compareAddress);
  return sorted.map((address) => formatAddress(address)).join() === addresses.join();
}
