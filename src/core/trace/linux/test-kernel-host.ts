/**
 * One host of the tests in a network namespace of its own: set up with the machine's commands, read with the agent's own observation,
 * asked with `ip route get`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAddress } from '../../ip/address.ts';
import type { ObservedMachine } from '../input.ts';
import type { Packet } from '../packet.ts';

/**
 * KernelQuestion is one `ip route get`: for a packet that arrives by `iif`, or that the machine makes (by `oif`, if it is bound to
 * one).
 */
export type KernelQuestion = {
  readonly packet: Packet;
  readonly mark: number;
  readonly at: { readonly iif: string } | { readonly oif: string | null };
};

/** KernelAnswer is what ip printed: a route, or what RTNETLINK answered. */
export type KernelAnswer =
  | {
      readonly kind: 'route';
      readonly type: string;
      readonly dev: string;
      readonly gateway: string | null;
      readonly redirect: boolean;
    }
  | { readonly kind: 'error'; readonly message: string };

const agent = join(import.meta.dirname, '../../../connector/agent');

/** The agent's own parts make the sections; the settings of `extraSysctls` are added as lines of the same form. */
const observation = `
. "${agent}/observe.sh"
. "${agent}/device.sh"
rm -rf "$RUN/sections"; mkdir -p "$RUN/sections"
observe_network
printf 'kernel=%s\\n' "$(uname -r)" | section agent
cd /proc/sys
for name in src_valid_mark route_localnet bc_forwarding shared_media disable_ipv6 force_forwarding mtu; do
  grep . /dev/null net/ipv[46]/conf/*/"$name"
done 2>/dev/null | sed 's/:/=/' >>"$RUN/sections/sysctl"
cd "$RUN/sections"
for name in *; do printf '== %s\\n' "$name"; cat "$name"; echo; done`;

let counter = 0;

export class KernelHost implements Disposable {
  readonly name: string;
  readonly #run = mkdtempSync(join(tmpdir(), 'cwlinux-'));

  constructor() {
    counter += 1;
    this.name = `cwlinux${String(process.pid)}-${String(counter)}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    // Addresses are in use at once, and nobody asks for routers.
    this.shell(`cd /proc/sys/net/ipv6/conf; for each in all default; do
      echo 0 >$each/accept_dad; echo 0 >$each/router_solicitations; echo 0 >$each/accept_ra; done; ip link set lo up`);
  }

  /** shell runs a script inside; throws with its words if it fails. */
  shell(script: string): string {
    return execFileSync('ip', ['netns', 'exec', this.name, 'sh', '-euc', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /**
   * configure runs ip commands, those that begin with -6 after the others, and gives what it refused; that changes nothing, which the
   * observation
   * then shows.
   */
  configure(commands: readonly string[]): string {
    const six = commands.flatMap((command) => (command.startsWith('-6 ') ? [command.slice(3)] : []));
    const four = commands.filter((command) => !command.startsWith('-6 '));
    return this.#batch(['-4'], four) + this.#batch(['-6'], six);
  }

  /** An option within a batch is none: the family goes before it. */
  #batch(options: readonly string[], commands: readonly string[]): string {
    if (commands.length === 0) return '';
    const input = `${commands.join('\n')}\n`;
    return spawnSync('ip', ['-n', this.name, ...options, '-force', '-batch', '-'], { input, encoding: 'utf8' }).stderr;
  }

  observe(): ObservedMachine {
    const text = execFileSync('ip', ['netns', 'exec', this.name, 'sh', '-c', observation], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', RUN: this.#run },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const sections = text
      .split(/^== /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return [part.slice(0, end), { body: part.slice(end + 1), observedAt: '2026-01-01T00:00:00Z' }] as const;
      });
    return { sections: new Map(sections) };
  }

  /** isStill tells whether addresses and routes are still those that were observed. */
  isStill({ sections }: ObservedMachine): boolean {
    const now = this.shell('ip -j addr; ip -j route show table all; ip -j -6 route show table all');
    const then = ['addr', 'route', 'route6'].map((name) => sections.get(name)?.body.trim() ?? '').join('\n');
    return now.trim() === then;
  }

  /** ask answers all questions with one process. */
  ask(questions: readonly KernelQuestion[]): readonly KernelAnswer[] {
    const input = questions.map((question) => routeGet(question)).join('\n');
    const { stdout, stderr } = spawnSync('ip', ['-n', this.name, '-j', '-force', '-batch', '-'], {
      input: `${input}\n`,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    const refused = new Map<number, string>();
    let message = '';
    for (const line of stderr.split('\n')) {
      const [, number] = /^Command failed -:(\d+)$/.exec(line) ?? [];
      if (number === undefined) message = line.replace(/^RTNETLINK answers: /, '');
      else refused.set(Number(number), message);
    }
    const found = stdout.split('\n').filter((line) => line !== '');
    let next = 0;
    return questions.map((question, index): KernelAnswer => {
      const error = refused.get(index + 1);
      if (error !== undefined) return { kind: 'error', message: error };
      const line = found[next];
      next += 1;
      if (line === undefined) throw new Error(`ip did not answer "${routeGet(question)}": ${stderr.slice(-300)}`);
      return answerOf(line);
    });
  }

  [Symbol.dispose](): void {
    execFileSync('ip', ['netns', 'del', this.name]);
    rmSync(this.#run, { recursive: true });
  }
}

export function routeGet({ packet, mark, at }: KernelQuestion): string {
  const { source, destination, protocol, sourcePort, destinationPort } = packet;
  const name = protocol === 'icmp' && destination.family === 6 ? 'ipv6-icmp' : protocol;
  return [
    `route get ${formatAddress(destination)} from ${formatAddress(source)}`,
    ...('iif' in at ? [`iif ${at.iif}`] : at.oif === null ? [] : [`oif ${at.oif}`]),
    ...(mark === 0 ? [] : [`mark ${String(mark)}`]),
    `ipproto ${name}`,
    ...(protocol === 'icmp' ? [] : [`sport ${String(sourcePort)} dport ${String(destinationPort)}`]),
  ].join(' ');
}

function answerOf(line: string): KernelAnswer {
  const [route] = JSON.parse(line) as readonly {
    readonly type?: string;
    readonly dev?: string;
    readonly gateway?: string;
    readonly via?: { readonly host: string };
    readonly cache?: readonly string[];
  }[];
  return {
    kind: 'route',
    type: route?.type ?? 'unicast',
    dev: route?.dev ?? '',
    gateway: route?.gateway ?? route?.via?.host ?? null,
    redirect: route?.cache?.includes('redirect') ?? false,
  };
}
