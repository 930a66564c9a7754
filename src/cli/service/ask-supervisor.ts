import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SupervisorAnswer, SupervisorRequest, SupervisorState } from '../../contract/supervisor-control.ts';
import { controlSocket, supervisorAnswer } from '../../contract/supervisor-control.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** A part that is restarted has to be ready again; a database that recovers takes longest. */
const longest_ms = 180_000;

/** askSupervisor sends one request. Throws CliFailure: `unreachable` where none answers, `problem` where it refuses. */
export async function askSupervisor(
  data: string,
  request: SupervisorRequest,
): Promise<Exclude<SupervisorAnswer, { kind: 'refused' }>> {
  const path = controlSocket(data);
  let answer: SupervisorAnswer;
  try {
    const socket = connect({ path });
    socket.setTimeout(longest_ms, () => socket.destroy(new Error(`no answer within ${longest_ms / 1000} s`)));
    socket.write(`${JSON.stringify(request)}\n`);
    answer = supervisorAnswer.parse(JSON.parse(await text(socket)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliFailure(
      exitCodes.unreachable,
      `no supervisor answers at ${path} (${why}): start it with "causeway up" or "causeway service install", or name its directory with --data`,
      cause,
    );
  }
  if (answer.kind !== 'refused') return answer;
  throw new CliFailure(exitCodes.problem, `the supervisor refused: ${answer.reason}`);
}

/** stateOf gives what the supervisor says of itself; undefined where none answers. */
export async function stateOf(data: string): Promise<SupervisorState | undefined> {
  try {
    const answer = await askSupervisor(data, { kind: 'state' });
    return answer.kind === 'state' ? answer : undefined;
  } catch (cause) {
    if (cause instanceof CliFailure && cause.exitCode === exitCodes.unreachable) return undefined;
    throw cause;
  }
}
