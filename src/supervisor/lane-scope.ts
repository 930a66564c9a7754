import type { LaneId } from '../core/lanes.ts';

/** LaneScope names the control group that a lane gets where systemd runs us as `unit`. */
export type LaneScope = { readonly unit: string; readonly number: number; readonly lane: LaneId };

/**
 * inScope gives the command line that runs `command` in a systemd scope of its own: `systemd-run` makes the scope and becomes the command, with
 * the same pid. What ends or restarts the unit then leaves the lane alone, and systemd ends it after the unit when the machine is switched
 * off. Undefined: as it is. A name is never used twice: systemd may still hold that of a lane which ended a moment ago.
 */
export function inScope(
  scope: LaneScope | undefined,
  command: readonly string[],
  now: () => number = Date.now,
): readonly string[] {
  if (scope === undefined) return command;
  const { unit, number, lane } = scope;
  return [
    'systemd-run',
    '--scope',
    '--quiet',
    '--collect',
    `--unit=causeway-lane-${String(number)}-${lane}-${now().toString(36)}`,
    `--description=Causeway lane ${lane}`,
    // Before the unit in starting is after it in stopping. Not `After=`: the unit waits for its first lanes, and they would wait for it.
    `--property=Before=${unit}`,
    '--property=After=network.target',
    '--property=TimeoutStopSec=10',
    '--',
    ...command,
  ];
}
