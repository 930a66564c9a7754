import { join } from 'node:path';
import { awaitCondition } from '../await-condition.ts';
import type { Host } from '../host.ts';
import { outputOf } from '../output-of.ts';

/** startWebPage runs web-page.ts on port 80 of a host and gives its log. */
export async function startWebPage(host: Host, text: string): Promise<() => string> {
  const said = outputOf(host.start([process.execPath, join(import.meta.dirname, 'web-page.ts'), '80', text]));
  await awaitCondition('the web page listens', () => (said().includes('listening') ? true : undefined), { everyMs: 20 });
  return said;
}
