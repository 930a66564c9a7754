import { z } from 'zod';
import type { Administrator } from '../administrator.ts';
import { awaitCondition } from '../await-condition.ts';
import type { Host } from '../host.ts';
import { outputOf } from '../output-of.ts';

/** Where a connector stands: behind a network, or on a host. */
export type ConnectorSite = 'networks' | 'hosts';

/** The tun that our agent makes. */
export const connectorDevice = 'causeway0';

/**
 * installConnector runs the pasted line on a machine, in the foreground since it has no service manager, and waits until the API says
 * that packets can pass. Throws with the installer's own words.
 */
export async function installConnector(
  administrator: Administrator,
  connector: string,
  machine: Host,
  options = '',
  site: ConnectorSite = 'networks',
): Promise<void> {
  const { installCommand } = await administrator.must(
    z.object({ installCommand: z.string() }),
    'POST',
    `/api/causeway/v1/connectors/${connector}/install-token`,
  );
  const installer = machine.start(['sh', '-c', `${installCommand} --foreground ${options}`]);
  const said = outputOf(installer);
  const look = () => {
    if (installer.exitCode !== null) throw new Error(`the installer ended with ${installer.exitCode}: ${said()}`);
  };
  await awaitOnline(administrator, connector, site, look).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said().slice(-3000)}`);
  });
}

/** awaitOnline waits until a connector is ONLINE; `look` may throw to end the wait early. */
export async function awaitOnline(
  administrator: Administrator,
  connector: string,
  site: ConnectorSite = 'networks',
  look: () => void = () => undefined,
): Promise<void> {
  await awaitCondition(
    'the API says that the connector is ONLINE',
    async () => {
      look();
      const status = await connectorStatus(administrator, connector, site);
      return status === 'ONLINE' ? true : undefined;
    },
    { withinMs: 40_000, everyMs: 100 },
  );
}

export async function connectorStatus(
  administrator: Administrator,
  connector: string,
  site: ConnectorSite = 'networks',
): Promise<string> {
  const path = `/api/v1/${site}/connectors/${connector}`;
  return (await administrator.must(z.object({ connectionStatus: z.string() }), 'GET', path)).connectionStatus;
}

/** awaitNatMode waits until the agent has done on its machine what a network's NAT mode says. */
export async function awaitNatMode(machine: Host, nat: 'masquerade' | 'routed'): Promise<void> {
  await awaitCondition(`NAT mode ${nat} on ${machine.name}`, async () => {
    const set = await machine.must(['nft', 'list', 'set', 'inet', 'causeway_connector', 'masqueraded']);
    return set.includes('100.96.0.0/11') === (nat === 'masquerade') ? true : undefined;
  });
}
