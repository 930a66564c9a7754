import { join } from 'node:path';
import { z } from 'zod';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { outputOf } from '../../src/lab/output-of.ts';

const mail = z.object({ to: z.array(z.string()), subject: z.string(), text: z.string() });
type Mail = z.infer<typeof mail>;

/** startMailServer runs mail-server.ts on a host; what it gives waits for the first mail to somebody. */
export async function startMailServer(host: Host, address: string, port: number): Promise<(to: string) => Promise<Mail>> {
  const said = outputOf(host.start([process.execPath, join(import.meta.dirname, 'mail-server.ts'), address, String(port)]));
  await awaitCondition('the mail server listens', () => (said().includes('listening') ? true : undefined), { everyMs: 20 });
  const mails = () =>
    said()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => mail.parse(JSON.parse(line)));
  return async (to) => await awaitCondition(`a mail to ${to}`, () => mails().find((one) => one.to.includes(to)));
}
