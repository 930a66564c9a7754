/** Coalesced runs `action` at once when called after a pause, and once at the end of `interval_ms` for all calls within it. */
export type Coalesced = {
  readonly call: () => void;
  /** Runs what is still due and resolves when nothing runs any more; later calls do nothing. */
  readonly stop: () => Promise<void>;
};

/** coalesce limits `action` to one run per interval, without ever losing the last call: a run always begins after it. */
export function coalesce(interval_ms: number, action: () => Promise<void>): Coalesced {
  let timer: NodeJS.Timeout | undefined;
  let due = false;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  const run = (): void => {
    due = false;
    running = running.then(action);
    timer = setTimeout(() => {
      timer = undefined;
      if (due) run();
    }, interval_ms);
    timer.unref();
  };

  return {
    call: () => {
      if (stopped) return;
      if (timer === undefined) run();
      else due = true;
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      if (due) {
        due = false;
        running = running.then(action);
      }
      await running;
    },
  };
}
