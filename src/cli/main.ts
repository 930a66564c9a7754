/**
 * The `causeway` command: finds the command that was named, reads its options and runs it. Commands are clients of the API like any
 * other, over DIR/run/api.sock on the controller's machine and with a login elsewhere; `up`, `lab`, `test` and `bench` are programs of
 * their own that take this process over. Adding a command: commands/README.md.
 *
 * Tests: causeway node --test 'src/cli/**\/*.test.ts'
 */
import { runProgram } from './run-program.ts';
import { realSurroundings } from './surroundings.ts';

await runProgram(process.argv.slice(2), realSurroundings);
