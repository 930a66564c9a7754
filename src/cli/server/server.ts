import type { Answered, ApiRequest } from './exchange.ts';

/** Server is a controller that can be asked. */
export interface Server {
  /** For messages: what answers, and where. */
  readonly label: string;
  /** Throws CliFailure (unreachable) where nothing answers; a refusal is an answer. */
  readonly send: (call: ApiRequest) => Promise<Answered>;
}

/** ServerChoice is what --data and --server say; neither: the socket of this machine, else the one login there is. */
export interface ServerChoice {
  readonly data?: string;
  readonly server?: string;
}
