/**
 * What is demanded of the machine on which a device's profile is used (api.md 2.7, device identity). OFF: nothing. LEARN_AND_ENFORCE: a
 * device belongs to the machine that uses its profile first. ENFORCE: only to one that was learnt before, or stated.
 */
export const deviceEnforcements = ['OFF', 'LEARN_AND_ENFORCE', 'ENFORCE'] as const;
export type DeviceEnforcement = (typeof deviceEnforcements)[number];

/**
 * MachineDemand is what a gateway has to know of it for one device, so that it can answer at once, also while the controller is away:
 *   none   any machine.
 *   learn  any machine that says which one it is; the controller learns it, and the demand becomes `bound`.
 *   bound  this machine alone; null: it is not known, and so none.
 */
export type MachineDemand =
  | { readonly kind: 'none' }
  | { readonly kind: 'learn' }
  | { readonly kind: 'bound'; readonly machine: string | null };

export type MachineVerdict = 'fits' | 'unnamed' | 'other' | 'none-known';

/** A client's word for its machine is taken up to this length: openvpn sends 64 characters at most (openvpn.md 7.5), a UUID has 36. */
export const maximumMachineLength = 64;

/** canonicalMachine gives the one form in which names of machines are compared: MAC addresses and UUIDs are written in either case. */
export function canonicalMachine(text: string): string {
  return text.trim().toLowerCase().slice(0, maximumMachineLength);
}

/** machineDemand turns the setting and what is known of a device's machine (empty: nothing) into what a gateway is told. */
export function machineDemand(enforcement: DeviceEnforcement, clientUuid: string): MachineDemand {
  const machine = canonicalMachine(clientUuid);
  switch (enforcement) {
    case 'OFF':
      return { kind: 'none' };
    case 'LEARN_AND_ENFORCE':
      return machine === '' ? { kind: 'learn' } : { kind: 'bound', machine };
    case 'ENFORCE':
      return { kind: 'bound', machine: machine === '' ? null : machine };
  }
}

/**
 * judgeMachine tells whether a machine that calls itself `machine` may use the device. It is the client's own word: it keeps a profile from
 * being used on a second machine by whoever copies it, not by whoever also writes down what the first one said (decision 54).
 */
export function judgeMachine(demand: MachineDemand, machine: string | undefined): MachineVerdict {
  if (demand.kind === 'none') return 'fits';
  if (demand.kind === 'bound' && demand.machine === null) return 'none-known';
  const said = canonicalMachine(machine ?? '');
  if (said === '') return 'unnamed';
  return demand.kind === 'learn' || demand.machine === said ? 'fits' : 'other';
}

/** Why a gateway refuses or cuts somebody by the machine that the profile is used on. */
export type MachineRefusal = `machine-${Exclude<MachineVerdict, 'fits'>}`;

/** machineRefusal says why a machine that calls itself so may not use a device; null: it may. */
export function machineRefusal(demand: MachineDemand, machine: string | undefined): MachineRefusal | null {
  const verdict = judgeMachine(demand, machine);
  return verdict === 'fits' ? null : `machine-${verdict}`;
}
