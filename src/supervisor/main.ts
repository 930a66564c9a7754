/**
 * The supervisor: the root process behind `causeway up`. It listens to nothing on the network itself, starts database, signer, controller,
 * gateway agent and lanes, each as a user of its own with what rights it needs (design.md 7), and starts them again when they end.
 * Started by src/cli with one JSON argument (contract/cli/up-options.ts) it says what is wrong on the machine (preflight.ts), then
 * becomes its second stage in a private mount namespace (enter-mount-view.ts), where it stays until SIGTERM, SIGINT or SIGHUP, or
 * SIGUSR2, which leaves the lanes to the next one.
 * stdout: the line `ready URL`, nothing else. Exit: 0 stopped, 1 failed, 2 usage, 4 something on the machine is missing.
 * Tests: `node --test 'src/supervisor/*.test.ts'` (as root; they start real processes in network namespaces of their own).
 */
import { runUp } from './run-up.ts';
import { productPrograms } from './process-plans.ts';

// exit, not exitCode: after a start that failed half-way, open sockets would keep the process.
process.exit(await runUp({ program: import.meta.filename, args: process.argv.slice(2), programs: productPrograms }));
