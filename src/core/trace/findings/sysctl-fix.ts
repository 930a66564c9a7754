import type { Evidence } from '../../platforms/platform.ts';
import type { Cause } from '../cause.ts';
import { addressWord, interfaceWord, sysctlWord } from './command-words.ts';
import type { Fix } from './finding.ts';
import { byHand, fix, onConnector } from './fix.ts';

type Setting = {
  readonly cause: Cause;
  readonly title: string;
  /** Path form. May hold an interface's name, which is checked here. */
  readonly path: string;
  readonly value: number;
  /** Of the file in /etc/sysctl.d that keeps it; literals only. */
  readonly file: string;
  readonly risk?: string;
  readonly betterWhen?: string;
  readonly where?: string;
  /** Where not the route that the kernel then chooses. */
  readonly verify?: readonly string[];
  /** Not for settings that a connector does not change (connector/agent/act.sh), however often it is asked. */
  readonly byAgent?: boolean;
  /** Where no test of ours can write it. */
  readonly evidence?: Evidence;
};

/** sysctlFix sets a value now and for the next start. */
export function sysctlFix(setting: Setting): Fix {
  const { cause, title, path, value, risk, betterWhen, byAgent = true } = setting;
  const name = sysctlWord(path);
  const where = setting.where ?? onConnector(cause);
  if (name === undefined) {
    return byHand(title, where, [
      `Set this value to ${String(value)}, now and in a file of /etc/sysctl.d. The name of an interface in it cannot stand in a command as it is: write the value into the file of that name below /proc/sys.`,
    ]);
  }
  const file = `/etc/sysctl.d/91-causeway-${setting.file}.conf`;
  const before = cause.facts.sysctl === path ? cause.facts.value : undefined;
  return fix({
    platform: 'linux',
    title,
    where,
    commands: [`sysctl -w ${name.written}=${String(value)}`, `echo '${name.written} = ${String(value)}' >${file}`],
    undo: [
      `rm ${file}`,
      before !== undefined && /^[0-9]{1,10}$/.test(before)
        ? `sysctl -w ${name.written}=${before}`
        : `# and set ${name.written} to what it was`,
    ],
    risk: risk ?? '',
    betterWhen: betterWhen ?? '',
    action: byAgent ? { kind: 'sysctl', name: name.path, value } : null,
    verify: setting.verify ?? [routeQuestion(cause)],
    evidence: setting.evidence ?? 'tested',
  });
}

/** routeQuestion asks the kernel how it would pass the packet on: it applies everything but filters, and sends nothing (tracing.md 0.5). */
export function routeQuestion({ facts }: Cause): string {
  const to = addressWord(facts.destination, 'DESTINATION');
  const from = addressWord(facts.source, 'SOURCE');
  return `ip route get ${to} from ${from} iif ${interfaceWord(facts.interface ?? facts.tunnelInterface)}`;
}
