import { once } from 'node:events';
import { join } from 'node:path';
import type { Host, Started } from '../../src/lab/host.ts';
import { signalStarted } from '../../src/lab/host.ts';
import { outputOf } from '../../src/lab/output-of.ts';

/** Installation is a running `./causeway up`, started the way a person starts it: by the launcher. */
export type Installation = { readonly process: Started; readonly readyMs: number };

const launcher = join(import.meta.dirname, '..', '..', 'causeway');

/** startInstallation gives the milliseconds from the command to its ready line. Throws with the product's own words when it ends instead. */
export async function startInstallation(host: Host, address: string, dataDirectory: string): Promise<Installation> {
  const started = performance.now();
  const process = host.start([launcher, 'up', '--data', dataDirectory, '--hostname', address, '--listen', '0.0.0.0:443']);
  const said = outputOf(process);
  let out = '';
  const readyMs = await new Promise<number>((resolve, reject) => {
    process.stdout.on('data', (chunk) => {
      out += String(chunk);
      if (/^ready \S+$/m.test(out)) resolve(performance.now() - started);
    });
    process.once('exit', (code) => reject(new Error(`causeway up ended with ${String(code)}: ${said().slice(-3000)}`)));
  });
  return { process, readyMs };
}

/** endInstallation ends it in order and gives the milliseconds that this took. */
export async function endInstallation(process: Started): Promise<number> {
  const started = performance.now();
  const ended = once(process, 'exit');
  signalStarted(process, 'SIGTERM');
  await ended;
  return performance.now() - started;
}
