import { z } from 'zod';
import type { Administrator } from '../../src/lab/administrator.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';

const details = z.object({ connectors: z.array(z.object({ name: z.string(), health: z.string(), healthReason: z.string() })) });

/** awaitHealthy waits until the gateway trusts every connector of a network. */
export async function awaitHealthy(administrator: Administrator, network: string): Promise<void> {
  await awaitCondition(
    'every connector of the network is healthy',
    async () => {
      const { connectors } = await administrator.must(details, 'GET', `/api/causeway/v1/networks/${network}`);
      const others = connectors.filter(({ health }) => health !== 'healthy');
      if (others.length > 0) throw new Error(others.map(({ name, healthReason }) => `${name}: ${healthReason}`).join('; '));
      return true;
    },
    { withinMs: 60_000, everyMs: 200 },
  );
}
