import type { Client } from '../actions/connect-client.ts';
import { awaitRoutes, startClient, stopClient } from '../actions/connect-client.ts';
import type { Host } from '../host.ts';
import { clientDevice, wpcRange } from '../shapes/connected-wpc.ts';

/** BobsClient is the stock openvpn of Bob's computer, which faults stop and start with options of their own. */
export class BobsClient {
  readonly #computer: Host;
  readonly #profile: string;
  #running: Client | null = null;

  constructor(computer: Host, profile: string) {
    this.#computer = computer;
    this.#profile = profile;
  }

  /** Connects, and waits until the WPC is routed into the tunnel. */
  async start(...options: readonly string[]): Promise<void> {
    await this.stop();
    const client = await startClient(this.#computer, this.#profile, clientDevice, ...options);
    this.#running = client;
    await awaitRoutes(this.#computer, client, clientDevice, [wpcRange]);
  }

  async stop(): Promise<void> {
    if (this.#running !== null) await stopClient(this.#running);
    this.#running = null;
  }
}
