/**
 * turnstile lets at most `places` pieces of work run at once, in the order in which they came; when `queue` of them wait already, the next
 * is refused. The work's own error passes through.
 */
export function turnstile(limits: {
  readonly places: number;
  readonly queue: number;
  readonly refuse: () => Error;
}): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limits.places) {
      if (waiting.length >= limits.queue) throw limits.refuse();
      // Whoever leaves hands its place over, so `running` stays.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
