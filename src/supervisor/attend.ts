import type { SupervisorAnswer, SupervisorRequest, SupervisorState } from '../contract/supervisor-control.ts';
import { controlSocket } from '../contract/supervisor-control.ts';
import { openControl } from './control-server.ts';
import type { Assignment, ServiceNotifier } from './service-notifier.ts';
import type { Supervisor } from './supervisor.ts';

/** How often parts are asked; a quarter of systemd's watchdog where that is shorter. */
const usualRoundMs = 15_000;

/** OpenRC asks for the lanes to be kept and stops us right after; whoever only asks does not decide about a stop next week. */
const keepingMs = 60_000;

/** A start that goes on may take this much longer from each round (WatchdogSec and TimeoutStartSec of the unit). */
const extension_us = 180_000_000;

type AttendOptions = {
  readonly supervisor: Supervisor;
  readonly notifier: ServiceNotifier;
  readonly data: string;
};

/** Attended is the running supervisor as seen from outside. */
export type Attended = {
  readonly becomeReady: () => Promise<void>;
  readonly keepsLanes: () => boolean;
  readonly end: () => Promise<void>;
};

/**
 * attend answers root (contract/supervisor-control.ts), asks the parts in rounds whether they still take turns, and tells the service manager.
 * systemd hears of each round that was done: parts that hang or do not start are mended by the supervisor itself, so its own loop is all
 * that the watchdog has to judge; a restart of everything would mend no full disk.
 */
export async function attend({ supervisor, notifier, data }: AttendOptions): Promise<Attended> {
  const startedAt = new Date(Date.now() - performance.now()).toISOString();
  let ready = false;
  let keepLanesUntil = 0;
  let said = '';

  const state = (): SupervisorState => ({
    kind: 'state',
    pid: process.pid,
    startedAt,
    ready,
    parts: [...supervisor.parts].map(([part, { state: now }]) => ({
      part,
      pid: now?.pid ?? null,
      startedAt: now === null ? null : new Date(now.startedAt).toISOString(),
      ready: now?.ready ?? false,
    })),
    lanes: supervisor.lanes().map(({ lane, pid, startedAt: at }) => ({ lane, pid, startedAt: new Date(at).toISOString() })),
  });

  const act = async (request: SupervisorRequest): Promise<SupervisorAnswer> => {
    switch (request.kind) {
      case 'state':
        return state();
      case 'keep-lanes':
        keepLanesUntil = performance.now() + keepingMs;
        return { kind: 'done' };
      case 'restart': {
        const part = supervisor.parts.get(request.part);
        if (part === undefined) return { kind: 'refused', reason: `this installation has no ${request.part} of its own` };
        await part.restart();
        return { kind: 'done' };
      }
    }
  };

  const tellStatus = async (...more: readonly Assignment[]) => {
    const text = statusText(state());
    const status = text === said ? [] : [`STATUS=${text}` as const];
    said = text;
    if (more.length + status.length > 0) await notifier.tell(...more, ...status);
  };

  const roundMs = Math.min(usualRoundMs, (notifier.watchdogMs ?? Number.POSITIVE_INFINITY) / 4);
  let lastRound = performance.now();
  const round = async () => {
    const now = performance.now();
    // Stopped or starved ourselves: what we did not hear in that time says nothing about the others.
    const away = now - lastRound > 2 * roundMs;
    lastRound = now;
    for (const part of supervisor.parts.values()) {
      if (away) part.forgive();
      part.check();
    }
    await tellStatus(ready ? 'WATCHDOG=1' : `EXTEND_TIMEOUT_USEC=${extension_us}`);
  };
  const rounds = setInterval(() => void round(), roundMs);
  const control = await openControl(controlSocket(data), act);

  return {
    becomeReady: async () => {
      ready = true;
      await tellStatus('READY=1');
    },
    keepsLanes: () => performance.now() < keepLanesUntil,
    end: async () => {
      clearInterval(rounds);
      await control.close();
      await notifier.tell('STOPPING=1');
    },
  };
}

/** One line for `systemctl status`. */
function statusText({ ready, parts, lanes }: SupervisorState): string {
  const waiting = parts.filter((part) => !part.ready).map(({ part }) => part);
  const running = lanes.length === 1 ? '1 lane' : `${String(lanes.length)} lanes`;
  if (waiting.length > 0) return `${ready ? 'Degraded' : 'Starting'}: waiting for ${waiting.join(', ')}; ${running}`;
  return `${ready ? 'Ready' : 'Starting'}; ${running}`;
}
