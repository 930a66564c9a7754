import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLog } from './log.ts';
import { runTask } from './run-task.ts';

describe('a task', () => {
  const said: string[] = [];
  const log = createLog('task', (line) => said.push(line));
  const run = (script: string, signal: AbortSignal = new AbortController().signal, patienceMs?: number) =>
    runTask(
      {
        command: ['/bin/sh', '-c', script],
        privileges: { user: { name: 'root', uid: 0, gid: 0 }, groups: [], capabilities: [], endsWithSupervisor: true },
        workingDirectory: '/',
        environment: { WORD: 'given' },
      },
      log,
      signal,
      patienceMs,
    );

  test('gives what it wrote; what it says is in the log', async () => {
    assert.equal(await run('echo "the answer, $WORD"; echo at work >&2'), 'the answer, given');
    assert.match(said.join(''), /task \| at work\n/);
  });

  test('that fails is told by its last words, or by its end where it had none', async () => {
    await assert.rejects(run('echo no room >&2; exit 3'), { message: 'no room' });
    await assert.rejects(run('exit 3'), { message: 'exit 3' });
    await assert.rejects(run('kill -9 $$'), { message: 'SIGKILL' });
  });

  test('is told to end, and is ended where it does not', async () => {
    // It is asked once it has said that it listens.
    const stopWhenItSays = async (script: string, patienceMs?: number) => {
      const stopping = new AbortController();
      const logged = said.length;
      const running = run(script, stopping.signal, patienceMs);
      const look = setInterval(() => said.length > logged && stopping.abort(), 5);
      await running.finally(() => clearInterval(look));
    };
    await assert.rejects(
      stopWhenItSays("trap 'echo left in order >&2; exit 1' TERM; echo ready >&2; while :; do sleep 0.01; done"),
      /left in order/,
    );
    // What it leaves behind holds its pipes.
    await assert.rejects(
      stopWhenItSays("trap '' TERM; sleep 30 & echo $! >&2; while :; do sleep 0.01; done", 50),
      (error: Error) => {
        process.kill(Number(error.message), 'SIGKILL');
        return true;
      },
    );
    await assert.rejects(run('echo never', AbortSignal.abort()), { name: 'AbortError' });
  });
});
