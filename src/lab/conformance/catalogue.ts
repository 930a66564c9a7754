import type { ConformanceFault } from './fault.ts';
import { clientFaults } from './faults/client.ts';
import { connectorKernelFaults } from './faults/connector-kernel.ts';
import { connectorRuleFaults } from './faults/connector-rules.ts';
import { connectorTunnelFaults } from './faults/connector-tunnel.ts';
import { lanFaults } from './faults/lan.ts';
import { overlayFaults } from './faults/overlay.ts';

/** conformanceFaults are all faults by the name that `--fault` takes: the code, with a word more where one code has several ways. */
export const conformanceFaults: ReadonlyMap<string, ConformanceFault> = new Map(
  Object.entries<ConformanceFault>({
    ...clientFaults,
    ...overlayFaults,
    ...connectorTunnelFaults,
    ...connectorKernelFaults,
    ...connectorRuleFaults,
    ...lanFaults,
  }),
);
