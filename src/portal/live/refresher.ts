import type { QueryClient } from '@tanstack/react-query';
import { resourceOf } from './affected.ts';

/** What belongs together comes together: an operation is often several events. */
const first_ms = 100;
/** From the end of one refresh to the next, however many events come. */
const between_ms = 2_000;
/** Answers for which the controller has much to do. */
const costly: Readonly<Record<string, number>> = { findings: 15_000 };

/**
 * Refresher reads anew what events have made old. One refresh at a time, and a pause after it, so that a burst of events costs as many requests
 * as a few of them. In a tab that nobody sees answers are only marked as old: TanStack Query reads them when it is looked at again.
 */
export class Refresher {
  readonly #client: QueryClient;
  readonly #isHidden: () => boolean;
  readonly #old = new Set<string>();
  readonly #refreshedAt = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isBusy = false;
  #isClosed = false;
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(client: QueryClient, isHidden: () => boolean) {
    this.#client = client;
    this.#isHidden = isHidden;
  }

  /** add says that the answers of these resources are old. */
  add(resources: Iterable<string>): void {
    for (const resource of resources) this.#old.add(resource);
    this.#plan();
  }

  /** addAll says so of every answer that was read from the API, but for the session, which no event is about. */
  addAll(): void {
    const read = this.#client
      .getQueryCache()
      .getAll()
      .map(({ queryKey }) => resourceOf(queryKey[0]));
    this.add(read.filter((resource) => resource !== undefined && resource !== 'session').map(String));
  }

  /** close forgets what is still to be done. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#isBusy || this.#isClosed || this.#old.size === 0) return;
    clearTimeout(this.#timer);
    const now = Date.now();
    const due = Math.min(...[...this.#old].map((resource) => this.#dueAt(resource)));
    this.#timer = setTimeout(() => void this.#refresh(), Math.max(first_ms, this.#endedAt + between_ms - now, due - now));
  }

  #dueAt(resource: string): number {
    return (this.#refreshedAt.get(resource) ?? Number.NEGATIVE_INFINITY) + (costly[resource] ?? 0);
  }

  async #refresh(): Promise<void> {
    const now = Date.now();
    const due = new Set([...this.#old].filter((resource) => this.#dueAt(resource) <= now));
    for (const resource of due) {
      this.#old.delete(resource);
      this.#refreshedAt.set(resource, now);
    }
    this.#isBusy = true;
    await this.#client.invalidateQueries({
      predicate: ({ queryKey }) => due.has(resourceOf(queryKey[0]) ?? ''),
      refetchType: this.#isHidden() ? 'none' : 'active',
    });
    this.#isBusy = false;
    this.#endedAt = Date.now();
    this.#plan();
  }
}
