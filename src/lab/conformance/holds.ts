import { awaitCondition } from '../await-condition.ts';
import type { Host, Started } from '../host.ts';
import { signalStarted } from '../host.ts';
import { outputOf } from '../output-of.ts';

/**
 * Holds are programs that go on while a fault is injected: one that keeps a setting wrong which our agent puts right again, as another
 * program on the machine would, or a flow that began before. Released before a fix is tried, since a machine's owner ends such a program first.
 */
export class Holds {
  readonly #running: Started[] = [];

  /** Starts a shell script on a host; gives its output so far. */
  start(host: Host, script: string): () => string {
    const child = host.start(['sh', '-c', script]);
    this.#running.push(child);
    return outputOf(child);
  }

  /** keepSysctl writes a kernel parameter again whenever it is something else, and returns when it is set. */
  async keepSysctl(host: Host, path: string, value: number): Promise<void> {
    const file = `/proc/sys/${path}`;
    this.start(host, `while :; do [ "$(cat ${file})" = ${value} ] || echo ${value} >${file}; sleep 0.1; done`);
    await awaitCondition(`${path} is ${value} on ${host.name}`, async () =>
      (await host.must(['cat', file])).trim() === String(value) ? true : undefined,
    );
  }

  async release(): Promise<void> {
    const ended = this.#running.splice(0).map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) resolve();
          else child.once('close', () => resolve());
          signalStarted(child, 'SIGTERM');
        }),
    );
    await Promise.all(ended);
  }
}
