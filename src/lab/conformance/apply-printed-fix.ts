import type { Host } from '../host.ts';
import { headquarters } from '../shapes/site.ts';
import type { PrintedFix } from './ask-trace.ts';
import { innerLan } from './inner-lan.ts';
import type { Standing } from './standing.ts';

/** Applied is what became of the fixes that a finding prints: the first, which is the better one, is run as it is printed. */
type Applied =
  | { readonly kind: 'done'; readonly title: string }
  | { readonly kind: 'failed'; readonly title: string; readonly reason: string }
  /** It has no commands: a person does it. */
  | { readonly kind: 'by-hand' };

/** applyPrintedFix pastes the commands into a root's shell on the machine that the fix names. */
export async function applyPrintedFix(standing: Standing, fixes: readonly PrintedFix[]): Promise<Applied> {
  const [fix] = fixes;
  if (fix === undefined || fix.commands.length === 0) return { kind: 'by-hand' };
  const host = hostNamed(standing, fix.where);
  if (host === undefined) return { kind: 'failed', title: fix.title, reason: `there is no machine "${fix.where}" in the lab` };
  const script = inTheLab(standing, fix.commands.join('\n'));
  const { code, stdout, stderr } = await host.run(['sh', '-ec', script]);
  if (code === 0) return { kind: 'done', title: fix.title };
  return { kind: 'failed', title: fix.title, reason: `exit ${code}: ${`${stderr.trim()} ${stdout.trim()}`.slice(0, 300)}` };
}

/**
 * inTheLab is what an operator does with a text before pasting it: words in capitals are filled in. The rest is what the lab's machines are not:
 * the server's data is elsewhere, and without a service manager a service is started by its program.
 */
function inTheLab({ region, networks }: Standing, commands: string): string {
  const restarted =
    '{ pid=$(cat /run/causeway-connector/agent.pid) && kill "$pid" && while kill -0 "$pid"; do sleep 0.1; done; } 2>/dev/null || :\nsetsid /usr/local/lib/causeway-connector/agent.sh run >/dev/null 2>&1 &';
  return commands
    .replaceAll('/var/lib/causeway/', `${region.dataDirectory}/`)
    .replaceAll(/\bNETWORK(_ID)?\b/g, networks.hq.id)
    .replaceAll(/\bSUBNET\b/g, innerLan.prefix)
    .replaceAll(/\bINNER_ROUTER\b/g, innerLan.router)
    .replaceAll(/^systemctl restart causeway-connector$/gm, restarted);
}

/** hostNamed finds the lab's machine by the words of a fix (core/trace/findings/fix.ts). */
function hostNamed({ hq, branch, inner, bob, region }: Standing, where: string): Host | undefined {
  const places: readonly (readonly [RegExp, Host])[] = [
    [/connector "?hq-1\b/, hq.connector],
    [/connector "?branch-1\b/, branch.connector],
    [/router.* "HQ Network"/, hq.router],
    [/router.* "Branch Network"/, branch.router],
    [new RegExp(`server "?${headquarters.server.replaceAll('.', '\\.')}\\b`), hq.server],
    [/servers? .*"HQ Network"/, hq.server],
    [/server "?10\.9\.0\.20\b/, inner.server],
    [/Causeway server/, region.host],
    [/device|computer/, bob.computer],
  ];
  return places.find(([words]) => words.test(where))?.[1];
}
