import { join } from 'node:path';
import { awaitCondition } from '../await-condition.ts';
import type { Host } from '../host.ts';
import { outputOf } from '../output-of.ts';
import { internetServiceAddress, resolverAddress } from '../shapes/internet.ts';

/** startInternetService runs internet-service.ts on the internet and gives its log. */
export async function startInternetService(internet: Host): Promise<() => string> {
  const program = join(import.meta.dirname, 'internet-service.ts');
  const said = outputOf(internet.start([process.execPath, program, internetServiceAddress, resolverAddress]));
  await awaitCondition('the service on the internet listens', () => (said().includes('listening') ? true : undefined), {
    everyMs: 20,
  });
  return said;
}
