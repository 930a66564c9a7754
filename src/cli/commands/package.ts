import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Surroundings } from '../surroundings.ts';

/** registerPackage adds `causeway package deb`: becomes the program that makes packages of this checkout. */
export function registerPackage(program: Command, surroundings: Surroundings): void {
  const noun = program.command('package').usage('deb [--output DIR]').description('make packages of this checkout');
  noun
    .command('deb')
    .usage('[--output DIR]')
    .description("make the Debian packages causeway, causeway-gateway and causeway-connector, for this machine's architecture")
    .option('--output <DIR>', 'where the packages are written', 'packages')
    .addHelpText('after', '\nPrints the path of each package. The same commit gives the same bytes, wherever it is built.')
    .action(({ output }: { readonly output: string }) => {
      surroundings.become('packaging/main.ts', ['deb', resolve(output)]);
    });
}
