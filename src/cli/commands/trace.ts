import type { Command } from 'commander';
import { Option } from 'commander';
import type { TraceRequest } from '../../contract/api/trace.ts';
import { packetBytes, traceRoutes } from '../../contract/api/trace.ts';
import { pathTo } from '../../contract/api/route.ts';
import { traceAnswer } from '../../contract/cli/trace.ts';
import { protocols } from '../../core/trace/packet.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { glyphsFor } from '../glyphs.ts';
import type { ApiRequest } from '../server/exchange.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import { parsePort } from '../options/listen.ts';
import type { Surroundings } from '../surroundings.ts';
import { explanationText } from '../explanation-text.ts';
import { printable } from '../table.ts';
import { traceText } from '../trace-text.ts';

interface Parsed extends ServerChoice {
  readonly proto?: TraceRequest['protocol'];
  readonly port?: number;
  readonly size?: number;
  readonly probe?: boolean;
  readonly again?: string;
  readonly verbose?: boolean;
  readonly explain?: boolean;
  readonly ascii?: boolean;
  readonly json?: boolean;
}

/** registerTrace adds `causeway trace`: 0 when the flow works, 1 when it does not or cannot be decided. What happens meanwhile goes to stderr. */
export function registerTrace(program: Command, surroundings: Surroundings): void {
  program
    .command('trace')
    .usage('SRC DST [OPTIONS]')
    .description('follow a flow there and back, and name the machine that drops it')
    .argument('[SRC]', 'an address, USER, USER/DEVICE, network:NAME, host:NAME or connector:NAME')
    .argument('[DST]', 'the same')
    .addOption(new Option('--proto <PROTOCOL>', 'tcp where it is not given').choices(protocols))
    .addOption(
      new Option('--port <N>', 'port of DST; 443 of TCP and 53 of UDP where it is not given').argParser((text) =>
        parsePort(text, 1),
      ),
    )
    .addOption(
      new Option('--size <BYTES>', 'length of the IP packet, which may then not be fragmented').argParser((text) =>
        parsePort(text, packetBytes.least),
      ),
    )
    .option('--probe', 'let connectors send packets even where nothing is in doubt')
    .option('--no-probe', 'send nothing: what nobody has said or reported stays taken for granted')
    .addOption(new Option('--again <ID>', 'ask again what a trace asked').conflicts(['proto', 'port', 'size', 'probe']))
    .option('--verbose', 'every step with its evidence')
    .option('--explain', 'the way of the packet in paragraphs, with its addresses at each machine and the steps of the tutorial')
    .option('--ascii', 'no other signs than those of ASCII')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async (source: string | undefined, destination: string | undefined, options: Parsed) => {
      const call = callOf(source, destination, options);
      const hear = (progress: string) => surroundings.writeErr(`${printable(progress)}\n`);
      const found = await callApi(
        options,
        { ...call, refused: exitCodes.usage, ...(options.json === true ? {} : { hear }) },
        traceAnswer,
      );
      const glyphs = glyphsFor(process.env, options.ascii === true);
      if (options.json === true) surroundings.writeOut(jsonText(found));
      else surroundings.writeOut(traceText(found, glyphs, options.verbose === true));
      if (options.explain === true && options.json !== true) surroundings.writeOut(`\n${explanationText(found)}`);
      surroundings.setExitCode(found.verdict === 'works' ? exitCodes.works : exitCodes.problem);
    });
}

function callOf(source: string | undefined, destination: string | undefined, options: Parsed): ApiRequest {
  const { again, proto, port, size, probe } = options;
  if (again !== undefined) {
    if (source !== undefined)
      throw new CliFailure(exitCodes.usage, '--again asks what the trace asked: give no SRC and DST with it');
    return { method: 'POST', path: pathTo(traceRoutes.rerun.path, { id: again }) };
  }
  if (source === undefined || destination === undefined) {
    throw new CliFailure(exitCodes.usage, 'SRC and DST are needed, as in causeway trace bob 10.0.0.20 --port 443');
  }
  const body = {
    source,
    destination,
    ...(proto === undefined ? {} : { protocol: proto }),
    ...(port === undefined ? {} : { port }),
    ...(size === undefined ? {} : { size }),
    probe: probe === undefined ? 'auto' : probe ? 'always' : 'never',
  };
  return { method: 'POST', path: traceRoutes.ask.path, body };
}
