import type { Command } from 'commander';
import { metricsRoutes } from '../../contract/api/metrics.ts';
import { dataOption, serverOption } from '../options/server.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';

/** registerMetricsCommand adds `causeway metrics`: what Prometheus would read now, to look at or for a textfile collector. */
export function registerMetricsCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('metrics')
    .description('print what Prometheus would read now')
    .addOption(dataOption())
    .addOption(serverOption())
    .action(async (choice: ServerChoice) => surroundings.writeOut(await callRoute(choice, metricsRoutes.read)));
}
