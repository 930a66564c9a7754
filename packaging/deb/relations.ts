/**
 * packagesFor reads src/launcher/debian-packages.txt, the one table of what each command needs, and gives the Debian packages of a command.
 * Those that every Debian has are left out: policy forbids to name them.
 */
export function packagesFor(table: string, command: string): string[] {
  const named = table.split('\n').flatMap((line) => {
    const [commands = '', , name] = line.split(/\s+/);
    if (line.startsWith('#') || name === undefined || !commands.split(',').includes(command)) return [];
    return essential.has(name) ? [] : [name];
  });
  return [...new Set(named)].toSorted();
}

const essential: ReadonlySet<string> = new Set(['util-linux', 'bsdutils', 'libc-bin', 'mount']);
