import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../src/lab/host.ts';
import { mustRun } from '../../src/lab/run-program.ts';

/** A machine of the lab may not raise limits (CAP_SYS_RESOURCE), and podman asks for more than it has. */
const limits = ['--ulimit', 'nofile=8192:8192', '--ulimit', 'nproc=8192:8192'];

/**
 * ContainerEngine is podman on a host of the lab, with a store below a directory of the test; containers that use the host's network use that
 * of the lab's host. End it before the world: it ends its containers, and the world removes the files.
 */
export class ContainerEngine implements AsyncDisposable {
  readonly #host: Host;
  readonly #directory: string;
  readonly #podman: readonly [string, ...string[]];

  constructor(host: Host, directory: string) {
    mkdirSync(directory);
    // Not by `ip netns exec`: it mounts another /sys, without the control groups that the runtime needs.
    host.enterBy(['nsenter', `--net=/run/netns/${host.namespace}`, '--']);
    this.#host = host;
    this.#directory = directory;
    const place = ['--root', join(directory, 'store'), '--runroot', join(directory, 'run')];
    // runc, since crun takes no machine with control groups of both versions; no systemd here that could keep them.
    this.#podman = ['podman', ...place, '--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
  }

  /** The device for tuns as udev makes it, whatever the machine's own looks like. */
  async tun(): Promise<string> {
    const device = join(this.#directory, 'tun');
    await mustRun(['mknod', device, 'c', '10', '200']);
    chmodSync(device, 0o666);
    return device;
  }

  /** A volume whose files lie in a directory of the machine. */
  async volume(name: string, directory: string): Promise<void> {
    await this.must('volume', 'create', '--opt', 'type=none', '--opt', 'o=bind', '--opt', `device=${directory}`, name);
  }

  /** Makes an image of a root file system, packed by tar, under the name by which a definition asks for it. */
  async import(tar: string, image: string): Promise<void> {
    await mustRun([...this.#podman, 'import', '--quiet', tar, image], { timeoutMs: 120_000 });
  }

  /** With the machine's own network, from which packages come. No image is fetched. */
  async build(definition: string, context: string, image: string): Promise<string> {
    const options = ['--format', 'docker', '--isolation', 'chroot', '--network', 'host', '--pull=never'];
    return await mustRun([...this.#podman, 'build', ...options, '--file', definition, '--tag', image, context], {
      timeoutMs: 300_000,
    });
  }

  /** Starts a container, whose output is that of the program that is given. Health is asked by the test: there is no systemd that would. */
  run(name: string, args: readonly string[]) {
    return this.#host.start([...this.#podman, 'run', '--name', name, '--no-healthcheck', ...limits, ...args]);
  }

  async must(...args: readonly string[]): Promise<string> {
    return await this.#host.must([...this.#podman, ...args], { timeoutMs: 120_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.must('rm', '--all', '--force', '--time', '0');
  }
}
