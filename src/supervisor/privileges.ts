import { findProgram } from './find-program.ts';
import type { SystemUser } from './system-users.ts';

/** Privileges is everything that a child may do beyond reading what all may read. */
export type Privileges = {
  readonly user: SystemUser;
  /** Further groups: what it shares with other processes. */
  readonly groups: readonly SystemUser[];
  /** Capabilities that it keeps, and hands to what it starts (`net_admin`); usually none. */
  readonly capabilities: readonly string[];
  /** Signal when the supervisor dies, however that happens; null for what has to outlive it (lanes). */
  readonly endsWithSupervisor: boolean;
};

/** withPrivileges gives the command line that runs `command` so: setpriv drops the rights and then becomes it, with the same pid. */
export async function withPrivileges(privileges: Privileges, command: readonly string[]): Promise<string[]> {
  const setpriv = await findProgram('setpriv');
  if (setpriv === undefined) throw new Error('looking for setpriv: it is not installed any more');
  const { user, groups, capabilities, endsWithSupervisor } = privileges;
  const kept = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  const identity = ['--reuid', String(user.uid), '--regid', String(user.gid)];
  const shared = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.map((group) => String(group.gid)).join(',')];
  const rights = ['--no-new-privs', '--bounding-set', kept, '--inh-caps', kept, '--ambient-caps', kept];
  const bond = endsWithSupervisor ? ['--pdeathsig', 'KILL'] : [];
  return [setpriv, ...identity, ...shared, ...rights, ...bond, '--', ...command];
}
