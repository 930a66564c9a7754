import { z } from 'zod';
import { supervisorState } from '../supervisor-control.ts';

const whatRuns = supervisorState.shape;

/** serviceStatus is what `causeway service status --json` prints. Times are ISO 8601. */
export const serviceStatus = z.object({
  /** What starts it with the machine; null: nothing is installed. */
  service: z
    .object({
      manager: z.enum(['systemd', 'openrc']),
      name: z.string(),
      /** The unit or script; a package's lies elsewhere than ours. */
      file: z.string(),
      /** It starts with the machine. */
      enabled: z.boolean(),
      /** The manager's own word: active, activating, inactive, failed; started, stopped, crashed. */
      state: z.string(),
      /** How often the manager has started it again by itself; null where that is not counted. */
      restarts: z.int().nullable(),
    })
    .nullable(),
  data: z.string(),
  /** What the supervisor says of itself; null: none answers. */
  running: z
    .object({
      pid: whatRuns.pid,
      startedAt: whatRuns.startedAt,
      ready: whatRuns.ready,
      parts: whatRuns.parts,
      /** A lane that is older than the supervisor has outlived a restart. */
      lanes: whatRuns.lanes,
    })
    .nullable(),
});
export type ServiceStatus = z.infer<typeof serviceStatus>;
