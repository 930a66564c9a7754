import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keptTrace, traceRoutes } from '../../../contract/api/trace.ts';
import type { KeptTrace, TraceRequest } from '../../../contract/api/trace.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { askWithProgress } from '../../api/progress.ts';

/** Tracing is one question at a time: what is told while connectors are asked, and what the API has against it. */
type Tracing = {
  readonly isAsking: boolean;
  readonly progress: readonly string[];
  readonly failure: ApiError | undefined;
  readonly ask: (request: TraceRequest) => void;
  readonly askAgain: (id: string) => void;
};

/** useTracing asks; `onAnswer` gets the trace, which is kept and in the cache by then. */
export function useTracing(onAnswer: (trace: KeptTrace) => void): Tracing {
  const client = useQueryClient();
  const [progress, setProgress] = useState<readonly string[] | undefined>(undefined);
  const [failure, setFailure] = useState<ApiError | undefined>(undefined);
  const run = async (question: () => Promise<KeptTrace>): Promise<void> => {
    setProgress([]);
    setFailure(undefined);
    try {
      const trace = await question();
      client.setQueryData([traceRoutes.read.path, { id: trace.id }, {}], trace);
      void client.invalidateQueries({ queryKey: [traceRoutes.list.path] });
      onAnswer(trace);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    } finally {
      setProgress(undefined);
    }
  };
  const hear = (line: string) => setProgress((before) => [...(before ?? []), line]);
  return {
    isAsking: progress !== undefined,
    progress: progress ?? [],
    failure,
    ask: (body) => void run(async () => keptTrace.parse(await askWithProgress(traceRoutes.ask, body, hear))),
    askAgain: (id) => void run(async () => await call(traceRoutes.rerun, { params: { id } })),
  };
}
