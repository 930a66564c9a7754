import type { AddressText } from '../../core/ip/address.ts';
import type { CloudId, CloudState } from '../../core/trace/cloud/cloud-state.ts';

/** CloudSite is a network in a cloud, as far as it has to be known to find the rest. */
export type CloudSite = {
  /** The connector's LAN address, and its network card where the operator or the machine named it. */
  readonly connector: AddressText;
  readonly card: string | null;
  /** Null: the one that the process is set to. */
  readonly region: string | null;
};

/**
 * CloudReader asks a cloud's API, and writes nothing there. Its credentials are those of the controller's own process (environment, instance
 * role), found by the vendor's SDK: none is taken from a request, stored, or logged.
 */
export interface CloudReader {
  /**
   * Reads the whole VPC of the connector, in bounded time. A part that the credentials may not read is null in the state. Throws conflict where
   * there are no credentials, they may read nothing, or the connector's card is not found; unavailable where the cloud does not answer.
   */
  read(site: CloudSite): Promise<CloudState>;
}

/** CloudReaders are the clouds that this controller can ask by itself. */
export type CloudReaders = Readonly<Partial<Record<CloudId, CloudReader>>>;
