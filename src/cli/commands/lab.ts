import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { LabOptions } from '../../contract/cli/lab-options.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import type { Surroundings } from '../surroundings.ts';

const lab = 'src/lab/main.ts';

interface Parsed {
  readonly option?: string;
  readonly fault?: readonly string[];
  readonly seed?: number;
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** registerLab adds `causeway lab`: becomes the lab, which knows the scenarios, their options and the faults. */
export function registerLab(program: Command, surroundings: Surroundings): void {
  program
    .command('lab')
    .usage('[SCENARIO|conformance|list] [OPTIONS]')
    .description('build a region, sites and people from network namespaces and prove a flow of the tutorial with real packets')
    .argument(
      '[SCENARIO]',
      '"list" shows the scenarios; without a name every one runs; "conformance" tries the tracer on every fault',
      parseName,
    )
    .option('--option <NAME>', 'a variant of the scenario, such as static-route', parseName)
    .option('--fault <CODE>', 'inject a failure first; may be given several times', (text: string, before?: string[]) => [
      ...(before ?? []),
      parseName(text),
    ])
    .option('--seed <NUMBER>', 'with conformance: draw other pairs of faults', parseSeed)
    .option('--keep', 'leave the hosts running and print how to enter each')
    .option('--json', 'print the result for programs')
    .action((scenario: string | undefined, parsed: Parsed, command: Command) => {
      if (scenario === 'list' && (parsed.option !== undefined || parsed.fault !== undefined || parsed.keep === true)) {
        command.error('error: lab list takes no option but --json.');
      }
      if (scenario === 'conformance' && (parsed.option !== undefined || parsed.keep === true)) {
        command.error('error: lab conformance takes no option but --fault, --seed and --json.');
      }
      if (scenario !== 'conformance' && parsed.seed !== undefined) {
        command.error('error: --seed is for lab conformance.');
      }
      surroundings.become(lab, [JSON.stringify(labOptionsOf(scenario, parsed))]);
    });
}

function labOptionsOf(scenario: string | undefined, parsed: Parsed): LabOptions {
  if (scenario === 'list') return { action: 'list', json: parsed.json === true };
  if (scenario === 'conformance') {
    return {
      action: 'conformance',
      faults: [...(parsed.fault ?? [])],
      seed: parsed.seed ?? null,
      json: parsed.json === true,
    };
  }
  return {
    action: 'run',
    scenario: scenario ?? null,
    option: parsed.option ?? null,
    faults: [...(parsed.fault ?? [])],
    keep: parsed.keep === true,
    json: parsed.json === true,
  };
}

function parseName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError(
    `${quoteInput(text)} cannot be a name in the lab; 'causeway lab list' shows those that are there.`,
  );
}

function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`${quoteInput(text)} is not a whole number of at most nine digits.`);
}
