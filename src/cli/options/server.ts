import { Option } from 'commander';
import { usualDataDirectory } from '../server/choose-server.ts';
import { parseDataDirectory } from './data-directory.ts';

/** dataOption is --data of commands that ask a controller: without it, that of this machine or the only login is asked. */
export function dataOption(): Option {
  return new Option('--data <DIR>', `directory of the installation on this machine (default: "${usualDataDirectory}")`)
    .env('CAUSEWAY_DATA')
    .argParser(parseDataDirectory);
}

/** serverOption is --server: the name of a login (`causeway login`). */
export function serverOption(): Option {
  return new Option('--server <NAME>', 'ask the controller of this login, on another machine').env('CAUSEWAY_SERVER');
}
