import { Argument, Option } from 'commander';
import type { ThingKind } from './thing.ts';

/** What stands for a name in usages: NETWORK, USER_GROUP is GROUP. */
const forms: Readonly<Record<ThingKind, string>> = {
  network: 'NETWORK',
  host: 'HOST',
  connector: 'CONNECTOR',
  user: 'USER',
  'user group': 'GROUP',
  device: 'DEVICE',
  'API credential': 'CREDENTIAL',
};

export function formOf(kind: ThingKind): string {
  return forms[kind];
}

/** ThingArgument is a name of something that exists: completion offers those that there are. */
export class ThingArgument extends Argument {
  readonly kind: ThingKind;

  constructor(kind: ThingKind) {
    const nested = kind === 'device' ? ', or USER/DEVICE' : kind === 'connector' ? ', or NETWORK/CONNECTOR' : '';
    super(`<${forms[kind]}>`, `name or id of ${kind === 'API credential' ? 'an' : 'a'} ${kind}${nested}`);
    this.kind = kind;
  }
}

/** ThingOption is an option whose value is such a name. */
export class ThingOption extends Option {
  readonly kind: ThingKind;

  constructor(flags: string, description: string, kind: ThingKind) {
    super(flags, description);
    this.kind = kind;
  }
}
