import type { ObservedMachine } from '../input.ts';
import type { Known } from './known.ts';

export type Sysctls = {
  /** Values by name in path form, `net/ipv4/ip_forward`. */
  readonly values: ReadonlyMap<string, number>;
  /** What the files say about forwarding, in the order in which they are read. */
  readonly persisted: readonly string[];
};

/** readSysctls reads the section `sysctl`. A line that is not `NAME=NUMBER` says nothing: that value is then not known. */
export function readSysctls(machine: ObservedMachine): Known<Sysctls> {
  const section = machine.sections.get('sysctl');
  if (section === undefined) return { known: false, reason: 'the machine did not report its section sysctl' };
  const { body, observedAt } = section;
  if (/^too large: \d/.test(body)) return { known: false, reason: 'the section sysctl was too large to be reported' };
  const values = new Map<string, number>();
  const persisted: string[] = [];
  for (const line of body.split('\n')) {
    const written = /^persisted: (.*)$/.exec(line);
    if (written !== null) persisted.push(written[1] ?? '');
    // Greedy: the name of an interface may hold an equals sign.
    const [, name, value] = /^(net\/.+)=(-?\d{1,10})$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, Number(value));
  }
  return { known: true, value: { values, persisted }, observedAt };
}
