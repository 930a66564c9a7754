/**
 * src/core/service is the texts with which a service manager runs Causeway: pure functions from a plan to files. `causeway service install`
 * writes them, and packages ship the same. Why they are as they are: docs/decisions/0100-the-service-and-its-lanes.md.
 * Tests: `node --test 'src/core/service/*.test.ts'`; systemd itself judges and runs them in test/e2e/service.e2e.test.ts.
 */

/** ServicePlan is what the service runs, and with what. Every path is absolute, and no text has a control character. */
export type ServicePlan = {
  /** Of the unit or script; also names the file with its environment. */
  readonly name: string;
  /** The `causeway` program. */
  readonly program: string;
  /** What follows it: `up` and its options. */
  readonly args: readonly string[];
  /** The installation's directory, the only place where the service may write. */
  readonly data: string;
  /** Further files that the service reads: those of --tls-cert and --tls-key. */
  readonly reads: readonly string[];
  /**
   * Each start first runs `PROGRAM service prepare`, outside of the sandbox: Debian and npm packages, users, the directory. False where a package
   * has brought all of them.
   */
  readonly prepares: boolean;
};

/** ServiceFile is a file to write, as root's. */
export type ServiceFile = { readonly path: string; readonly mode: 0o644 | 0o755; readonly text: string };

/** serviceNamePattern is what a service may be called: it becomes a file's name and part of a unit's. */
export const serviceNamePattern = /^[a-z][a-z0-9-]{0,30}$/;

/** usualServiceName is the service's name unless somebody chooses another: one for each installation of a machine. */
export const usualServiceName = 'causeway';

/** environmentFileOf is where variables of a service lie that root reads at each start, DATABASE_URL above all. It need not be there. */
export function environmentFileOf(name: string): string {
  return `/etc/causeway/${name}.env`;
}

/** serviceMarker stands in every file of ours: what lacks it is somebody else's, and is neither replaced nor removed. */
export const serviceMarker = 'Written by "causeway service install"';

/** headerLines begin a file; the second says which installation it starts. */
export function headerLines(data: string): string {
  return `# ${serviceMarker}, which replaces it; "causeway service remove" removes it.\n# Installation: ${JSON.stringify(data)}`;
}

/** installationIn reads the data directory out of a file of ours; undefined where it names none. */
export function installationIn(text: string): string | undefined {
  const named = /^# Installation: (".*")$/m.exec(text)?.[1];
  if (named === undefined) return undefined;
  const data: unknown = JSON.parse(named);
  return typeof data === 'string' ? data : undefined;
}

/** requirePlain throws RangeError where a text of the plan could end a line of a file: every quoting below relies on that. */
export function requirePlain({ name, program, args, data, reads }: ServicePlan): void {
  if (!serviceNamePattern.test(name))
    throw new RangeError(`service name ${JSON.stringify(name)} is not ${String(serviceNamePattern)}`);
  for (const text of [program, data, ...reads])
    if (!text.startsWith('/')) throw new RangeError(`path ${JSON.stringify(text)} of service ${name} is not absolute`);
  for (const text of [program, data, ...reads, ...args])
    if (/[\p{Cc}\u2028\u2029]/u.test(text))
      throw new RangeError(`${JSON.stringify(text)} of service ${name} has a control character`);
}
