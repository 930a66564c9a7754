import type { AgentAction } from '../core/trace/findings/finding.ts';
import type { ProbeAnswer, ProbeQuestion } from '../core/trace/probe.ts';
import { probeAnswers } from '../core/trace/probe.ts';

/**
 * What the controller asks a connector's agent for once: probes, a fresh observation, confirmed fixes. It is no part of the model: it comes
 * with the answer to `GET desired` of an agent that says `asks=yes` there, as lines before `end`, at most once, and the agent answers each
 * with `POST answers?ask=UUID`. Older agents do not say so, and would not know the words.
 *
 * Request:                                           Answer:
 *   ask UUID SECONDS   (of each probe, at most)        N ANSWER WORDS        (of a probe, core/trace/probe.ts)
 *   probe N KIND PROTOCOL TARGET PORT BYTES            N done | failed WORDS (of an action)
 *   act N sysctl NAME VALUE                            refuse WORDS          (of the whole request; instead of the others)
 *   act N accept-forward FAMILY TABLE CHAIN            observed              (an answer of its own, after the observation)
 *   act N forget-flows
 *   observe
 * N is one digit, KIND one of probeKinds, PORT and BYTES are `-` where there is none. WORDS are what a program on that machine said: anything.
 */
export type AgentRequest = {
  readonly id: string;
  /** Of each probe: 1 to 5. */
  readonly limit_s: number;
  readonly probes: readonly ProbeQuestion[];
  readonly actions: readonly AgentAction[];
  readonly observe: boolean;
};

/** As many numbers as there are digits, and enough for every probe of one flow. */
export const mostInRequest = 8;

/** formatAgentRequest gives the lines; whoever makes the request has checked its texts: none may hold a blank. */
export function formatAgentRequest(request: AgentRequest): string {
  const lines = [
    `ask ${request.id} ${String(request.limit_s)}`,
    ...request.probes.map((probe, index) => `probe ${String(index)} ${probeWords(probe)}`),
    ...request.actions.map((action, index) => `act ${String(request.probes.length + index)} ${actionWords(action)}`),
    ...(request.observe ? ['observe'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function probeWords({ kind, protocol, target, port, bytes }: ProbeQuestion): string {
  return [kind, protocol, target, port ?? '-', bytes ?? '-'].join(' ');
}

function actionWords(action: AgentAction): string {
  switch (action.kind) {
    case 'sysctl':
      return `sysctl ${action.name} ${String(action.value)}`;
    case 'accept-forward':
      return `accept-forward ${action.family} ${action.table} ${action.chain}`;
    case 'forget-flows':
      return 'forget-flows';
  }
}

export type AgentAnswers =
  | { readonly kind: 'answers'; readonly probes: readonly ProbeWords[]; readonly actions: readonly ActionWords[] }
  | { readonly kind: 'observed' }
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Of the question with the same place in the request. `quote` is printable, one line. */
export type ProbeWords = { readonly answer: ProbeAnswer; readonly quote: string };
export type ActionWords = { readonly done: boolean; readonly words: string };

/** An agent sends 300 characters of words with each answer at most. */
export const longestAnswers = 4096;

/** parseAgentAnswers reads the body of POST answers to this request. Total: exactly one answer for each question, nothing else. */
export function parseAgentAnswers(text: string, request: AgentRequest): AgentAnswers {
  if (text.length > longestAnswers) return malformed(`the answer is longer than ${String(longestAnswers)} characters`);
  const lines = text.split('\n').filter((line) => line !== '');
  const [first = ''] = lines;
  if (lines.length === 1 && first === 'observed')
    return request.observe ? { kind: 'observed' } : malformed('no observation was asked for');
  if (lines.length === 1 && first.startsWith('refuse ')) return { kind: 'refused', words: printable(first.slice(7)) };
  const words = new Map<number, { readonly answer: string; readonly rest: string }>();
  for (const line of lines) {
    const match = /^(\d) ([a-z-]{1,20})(?: (.*))?$/.exec(line);
    if (match === null) return malformed(`${JSON.stringify(line.slice(0, 80))} is not "NUMBER ANSWER WORDS"`);
    const number = Number(match[1]);
    if (words.has(number)) return malformed(`question ${String(number)} is answered twice`);
    words.set(number, { answer: match[2] ?? '', rest: printable(match[3] ?? '') });
  }
  const asked = request.probes.length + request.actions.length;
  const missing = Array.from({ length: asked }, (_, number) => number).find((number) => !words.has(number));
  if (missing !== undefined) return malformed(`question ${String(missing)} is not answered`);
  if (words.size > asked) return malformed(`there are ${String(words.size)} answers to ${String(asked)} questions`);
  const probes: ProbeWords[] = [];
  const actions: ActionWords[] = [];
  for (const [number, { answer, rest }] of [...words].toSorted(([a], [b]) => a - b)) {
    if (number >= request.probes.length) {
      if (answer !== 'done' && answer !== 'failed') return malformed(`${answer} is not done or failed`);
      actions.push({ done: answer === 'done', words: rest });
    } else if (isProbeAnswer(answer)) probes.push({ answer, quote: rest });
    else return malformed(`${answer} is none of ${probeAnswers.join(', ')}`);
  }
  return { kind: 'answers', probes, actions };
}

function isProbeAnswer(text: string): text is ProbeAnswer {
  return probeAnswers.some((answer) => answer === text);
}

function malformed(problem: string): AgentAnswers {
  return { kind: 'malformed', problem };
}

/** What a machine of the operator's says is shown to people: no control characters, and not without end. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').trim().slice(0, 300);
}
