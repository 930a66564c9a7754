import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const main = join(import.meta.dirname, 'main.ts');

/** Runs shell text in a mount namespace of its own, with a small file system at $DIR; nothing of it is left. */
function inSmallFileSystem(mountOptions: string, script: string) {
  const text = `set -eu
    DIR=$(mktemp -d); trap 'umount "$DIR"; rmdir "$DIR"' EXIT
    mount -t tmpfs -o ${mountOptions} causeway-test "$DIR"
    ${script}`;
  return spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', text], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, NODE: process.execPath, MAIN: main },
  });
}

describe('a signer that cannot write', () => {
  it('says so in one line, ends with 1 and leaves no half-made CA on a full disk', () => {
    // One page: the directory fits, and `filler` leaves nothing for the key.
    const result = inSmallFileSystem(
      'size=4k',
      'head -c 4096 /dev/zero > "$DIR/filler"; set +e; "$NODE" "$MAIN" "$DIR"; echo "exit $?"; ls -A "$DIR"',
    );
    assert.match(
      result.stderr,
      /^signer: writing \S+\/ca\.key failed; check free space and rights of its directory: ENOSPC[^\n]*\n$/,
    );
    assert.deepEqual(result.stdout.trim().split('\n'), ['exit 1', 'filler', 'sock']);
  });

  it('says so where it has no right to write', () => {
    const result = inSmallFileSystem('ro', 'set +e; "$NODE" "$MAIN" "$DIR"; echo "exit $?"; ls -A "$DIR"');
    assert.match(
      result.stderr,
      /^signer: making \S+\/sock failed; \S+ must exist and belong to the user that the signer runs as: [^\n]*\n$/,
    );
    assert.deepEqual(result.stdout.trim().split('\n'), ['exit 1']);
  });
});
