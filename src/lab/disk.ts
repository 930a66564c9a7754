import { readFileSync, rmSync, statfsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { awaitCondition } from './await-condition.ts';
import { mustRun, runProgram } from './run-program.ts';

/**
 * EXT4_IOC_SHUTDOWN (fs/ext4/ext4.h) without flushing its journal: from that moment nothing reaches the device, and what was written but not
 * synchronised is lost with the mount, as when the power fails. Node has no ioctl(2); perl is in every Debian.
 */
const shutDown = [
  'open(my $root, "<", $ARGV[0]) or die "open $ARGV[0]: $!\\n";',
  'my $withoutFlushing = pack("L", 2);',
  'ioctl($root, 0x8004587d, $withoutFlushing) or die "EXT4_IOC_SHUTDOWN of $ARGV[0]: $!\\n";',
].join(' ');

/** What fills the disk; the name says to whoever finds it that it may go. */
const ballast = 'ballast-of-the-lab';

/**
 * Disk is a small ext4 file system of its own in a file, mounted below a world's directory: it can be full, and the power can fail, without the
 * machine knowing. What is written below the file system (order of blocks within the device) is not lost: the device is a file that lives on.
 */
export class Disk {
  readonly path: string;
  readonly #image: string;

  private constructor(path: string, image: string) {
    this.path = path;
    this.#image = image;
  }

  /**
   * create makes and mounts one of this size. `directory` becomes a mount of its own whose mounts and unmounts are seen in the hosts' views too
   * (ip-netns-exec(8) makes them its slaves): a copy that a host kept would keep the old state alive. Machines have views of their own from
   * their first moment: build them before. So do programs of others on this computer: enter a mount namespace of your own first
   * (bench/chaos/own-mounts.ts) where the power is to be cut. Removed by unmountBelow.
   */
  static async create(directory: string, name: string, megabytes: number): Promise<Disk> {
    if (mountsBelow(directory).length === 0) {
      await mustRun(['mount', '--bind', directory, directory]);
      // Shared with those who come from here, and not with whom the directory above is shared with.
      await mustRun(['mount', '--make-private', directory]);
      await mustRun(['mount', '--make-shared', directory]);
    }
    const disk = new Disk(join(directory, name), join(directory, `${name}.img`));
    await mustRun(['truncate', '--size', `${megabytes}M`, disk.#image]);
    // Without blocks set aside for root: full is full for everybody.
    await mustRun(['mkfs.ext4', '-q', '-F', '-m', '0', disk.#image]);
    await mkdir(disk.path, { mode: 0o755 });
    await disk.#mount();
    return disk;
  }

  /** cutPower loses what was not synchronised. Whoever still runs on it gets I/O errors from now on: kill it first, or after. */
  async cutPower(): Promise<void> {
    await mustRun(['perl', '-e', shutDown, this.path]);
  }

  /** powerOn mounts what has survived; the file system replays its journal. Nothing may have a file open there. */
  async powerOn(): Promise<void> {
    await awaitCondition(
      `${this.path} is unmounted`,
      async () => {
        await mustRun(['umount', this.path]);
        return true;
      },
      { everyMs: 20 },
    );
    await this.#mount();
  }

  /** fill leaves nothing for anybody. */
  async fill(): Promise<void> {
    const file = join(this.path, ballast);
    const { bavail, bsize } = statfsSync(this.path);
    // Nearly all of it at once and without a write; the rest in steps down to single blocks, each until there is no room for one more.
    await runProgram(['fallocate', '--length', String(Math.floor(bavail * bsize * 0.98)), file]);
    for (const block of ['64k', '4k']) {
      await runProgram(['dd', 'if=/dev/zero', `of=${file}`, `bs=${block}`, 'oflag=append', 'conv=notrunc', 'status=none']);
    }
  }

  /** free takes away what filled it. */
  free(): void {
    rmSync(join(this.path, ballast), { force: true });
  }

  async #mount(): Promise<void> {
    await mustRun(['mount', '-o', 'loop', this.#image, this.path]);
  }
}

/** unmountBelow takes away all disks below a directory, and its own mount, whoever still uses them. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const point of mountsBelow(directory).toReversed()) await runProgram(['umount', '--lazy', point]);
}

/** In the order in which they were mounted; a directory that is mounted on itself counts. */
function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === directory || point.startsWith(`${directory}/`));
}
