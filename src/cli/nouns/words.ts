/** Words that several nouns use for the same field: one thing, one option, one description. */
import type { TypedField } from './fields.ts';

export const descriptionField: TypedField = { option: 'description', description: 'a remark for people' };
export const renameField: TypedField = { option: 'name', form: 'NAME', description: 'another name' };
export const internetAccessField: TypedField = {
  option: 'internet-access',
  form: 'MODE',
  description: 'how its internet traffic goes',
};
export const gatewaysField: TypedField = {
  option: 'internet-gateway',
  description: 'the network by which its internet traffic may leave; the first that works is taken',
  refers: 'network',
};
export const regionField: TypedField = { option: 'region', form: 'REGION', description: 'id of its region' };

export const nameIsArgument = { without: 'it is the argument NAME' };
export const onlyOne = { without: 'there is one possible value' };

/** yesNo is how a flag is shown. */
export function yesNo(flag: boolean): string {
  return flag ? 'yes' : 'no';
}

/** listText is how a short list is shown in a table's cell. */
export function listText(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}

/** connectorsText is how the connectors of something are shown in a cell. */
export function connectorsText(connectors: readonly { readonly name: string; readonly connectionStatus: string }[]): string {
  return listText(connectors.map(({ name, connectionStatus }) => `${name} ${connectionStatus}`));
}
