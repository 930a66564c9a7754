import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { networkRoutes } from '../../contract/api/network.ts';
import { pathTo } from '../../contract/api/route.ts';
import type { AppliedFix, FindingAnswer } from '../../contract/api/trace.ts';
import { appliedFix, findingsAnswer, keptTrace, traceRoutes } from '../../contract/api/trace.ts';
import type { DoctorAnswer } from '../../contract/cli/trace.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import type { FindingCode } from '../../core/trace/finding-code.ts';
import { findingCodes } from '../../core/trace/finding-code.ts';
import { nearestNames } from '../../core/trace/edit-distance.ts';
import { appliedText, doctorText } from '../doctor-text.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { findNamed } from '../find-named.ts';
import { glyphsFor } from '../glyphs.ts';
import { listAll } from '../server/list-all.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

const namedNetwork = z.object({ id: z.string(), name: z.string() });

/** The agent has 15 s, and two traces are run around that. */
const applySilence_ms = 90_000;

interface Parsed extends ServerChoice {
  readonly fix?: FindingCode;
  readonly trace?: string;
  readonly yes?: boolean;
  readonly ascii?: boolean;
  readonly json?: boolean;
}

/**
 * registerDoctor adds `causeway doctor`: 0 when nothing is wrong, 1 when something is. With --fix it shows that finding's fixes alone and, after
 * a yes, lets the connector's agent do what it may; then 0 when it is gone.
 */
export function registerDoctor(program: Command, surroundings: Surroundings): void {
  program
    .command('doctor')
    .usage('[NETWORK] [OPTIONS]')
    .description('examine everything that is configured and reported, and say what is wrong and what mends it')
    .argument('[NETWORK]', 'name or id of a network; without it, everything is examined')
    .addOption(new Option('--fix <CODE>', 'mend this finding, as far as connectors can').argParser(parseCode))
    .addOption(new Option('--trace <ID>', 'take the finding from this trace, which is asked again'))
    .option('--yes', 'do not ask before a connector changes its machine')
    .option('--ascii', 'no other signs than those of ASCII')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async (wanted: string | undefined, options: Parsed) => {
      if (options.fix === undefined && (options.yes === true || options.trace !== undefined)) {
        const given = options.yes === true ? '--yes' : '--trace';
        throw new CliFailure(exitCodes.usage, `${given} belongs to --fix CODE: it changes nothing without it`);
      }
      const found = await readFindings(wanted, options);
      const findings = options.fix === undefined ? found : found.filter(({ code }) => code === options.fix);
      const glyphs = glyphsFor(process.env, options.ascii === true);
      if (options.json !== true) surroundings.writeOut(doctorText(findings, glyphs));
      const applied: AppliedFix[] = [];
      for (const { code, connector } of options.fix === undefined ? [] : applicable(findings)) {
        if (!(await isConfirmed(surroundings, findings, connector, options))) continue;
        const body = { code, connectorId: connector, ...(options.trace === undefined ? {} : { traceId: options.trace }) };
        const done = await callApi(
          options,
          { method: 'POST', path: traceRoutes.apply.path, body, silence_ms: applySilence_ms },
          appliedFix,
        );
        applied.push(done);
        if (options.json !== true) surroundings.writeOut(`\n${appliedText(done, glyphs)}`);
      }
      if (options.json === true) {
        const answer: DoctorAnswer = { findings, applied };
        surroundings.writeOut(jsonText(answer));
      }
      surroundings.setExitCode(isWell(findings, applied) ? exitCodes.works : exitCodes.problem);
    });
}

async function readFindings(wanted: string | undefined, options: Parsed): Promise<readonly FindingAnswer[]> {
  const { trace } = options;
  if (trace !== undefined) {
    if (wanted !== undefined) throw new CliFailure(exitCodes.usage, 'a trace has its own networks: give NETWORK or --trace');
    return (await callApi(options, { method: 'GET', path: pathTo(traceRoutes.read.path, { id: trace }) }, keptTrace)).findings;
  }
  const network =
    wanted === undefined
      ? undefined
      : findNamed('network', await listAll(options, networkRoutes.list.path, namedNetwork), wanted);
  const query = network === undefined ? '' : `?${new URLSearchParams({ network: network.id }).toString()}`;
  const path = `${traceRoutes.findings.path}${query}`;
  return (await callApi(options, { method: 'GET', path }, findingsAnswer)).findings;
}

/** The connectors on which an agent may mend something; each once. */
function applicable(findings: readonly FindingAnswer[]): readonly { readonly code: FindingCode; readonly connector: string }[] {
  const seen = new Map<string, { readonly code: FindingCode; readonly connector: string }>();
  for (const { code, object, hop, fixes } of findings) {
    const connector =
      object.kind === 'connector' ? object.id : hop?.kind === 'connector' ? hop.id.replace(/^connector:/, '') : undefined;
    if (connector === undefined || !fixes.some(({ canApply }) => canApply === 'agent')) continue;
    seen.set(connector, { code, connector });
  }
  return [...seen.values()];
}

async function isConfirmed(
  surroundings: Surroundings,
  findings: readonly FindingAnswer[],
  connector: string,
  { yes }: Parsed,
): Promise<boolean> {
  if (yes === true) return true;
  const finding = findings.find(({ object, hop }) => object.id === connector || hop?.id === `connector:${connector}`);
  const fix = finding?.fixes.find(({ canApply }) => canApply === 'agent');
  const name = printable(finding?.hop?.label ?? finding?.object.label ?? connector);
  const answer = await surroundings.ask(`Let the connector ${name} do it now: ${printable(fix?.title ?? '')}? [y/N] `);
  if (answer === undefined) {
    surroundings.writeErr(`nothing was changed: add --yes to let the connector ${name} do it, there is no terminal to ask on\n`);
    return false;
  }
  return /^y(es)?$/i.test(answer.trim());
}

function isWell(findings: readonly FindingAnswer[], applied: readonly AppliedFix[]): boolean {
  if (applied.length > 0) return applied.every(({ done, remains }) => done && remains === false);
  return findings.every(({ severity }) => severity === 'info');
}

function parseCode(text: string): FindingCode {
  const wanted = text.toUpperCase();
  const code = findingCodes.find((each) => each === wanted);
  if (code !== undefined) return code;
  const near = nearestNames(wanted, findingCodes, 3);
  const hint = near.length === 0 ? 'causeway doctor lists those that are found' : `did you mean ${near.join(', ')}`;
  throw new InvalidArgumentError(`${quoteInput(text)} is no code of a finding; ${hint}.`);
}
