import type { z } from 'zod';
import type { CloudId, CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { alibabaCommands, alibabaPrinted } from './alibaba-commands.ts';
import { awsCommands, awsPrinted } from './aws-commands.ts';
import { azureCommands, azurePrinted } from './azure-commands.ts';
import { digitaloceanCommands, digitaloceanPrinted } from './digitalocean-commands.ts';
import { alibabaAnswers, fromAlibaba } from './from-alibaba.ts';
import { awsAnswers, fromAws } from './from-aws.ts';
import { azureAnswers, fromAzure } from './from-azure.ts';
import { digitaloceanAnswers, fromDigitalOcean } from './from-digitalocean.ts';
import { fromGoogle, googleAnswers } from './from-google.ts';
import { fromHetzner, hetznerAnswers } from './from-hetzner.ts';
import { fromOracle, oracleAnswers } from './from-oracle.ts';
import { googleCommands, googlePrinted } from './google-commands.ts';
import { hetznerCommands, hetznerPrinted } from './hetzner-commands.ts';
import { oracleCommands, oraclePrinted } from './oracle-commands.ts';
import type { VendorCommands } from './vendor-commands.ts';

type Answers = Readonly<Record<string, unknown>>;

/** CloudVendor is how a vendor is asked by hand, and what is made of what was printed. */
export type CloudVendor = {
  readonly commands: VendorCommands;
  /** Names of the parts of its answers. */
  readonly parts: readonly string[];
  /** `at` is when the cloud gave the answers, ISO 8601. Never throws. */
  readonly translate: (raw: Answers, at: string) => Translated;
};

export type Translated =
  | { readonly ok: true; readonly state: CloudState }
  /** `answers` is what the issues are about: the printed text taken apart. */
  | { readonly ok: false; readonly error: z.ZodError; readonly answers: Answers };

function vendor<Schema extends z.ZodObject>(
  commands: VendorCommands,
  printed: (raw: Answers) => Answers,
  schema: Schema,
  from: (answers: z.output<Schema>, at: string) => CloudState,
): CloudVendor {
  return {
    commands,
    parts: Object.keys(schema.shape),
    translate: (raw, at) => {
      const answers = printed(raw);
      const read = schema.safeParse(answers, { reportInput: true });
      return read.success ? { ok: true, state: from(read.data, at) } : { ok: false, error: read.error, answers };
    },
  };
}

export const cloudVendors: Readonly<Record<CloudId, CloudVendor>> = {
  aws: vendor(awsCommands, awsPrinted, awsAnswers, fromAws),
  azure: vendor(azureCommands, azurePrinted, azureAnswers, fromAzure),
  gcp: vendor(googleCommands, googlePrinted, googleAnswers, fromGoogle),
  oci: vendor(oracleCommands, oraclePrinted, oracleAnswers, fromOracle),
  digitalocean: vendor(digitaloceanCommands, digitaloceanPrinted, digitaloceanAnswers, fromDigitalOcean),
  hetzner: vendor(hetznerCommands, hetznerPrinted, hetznerAnswers, fromHetzner),
  alibaba: vendor(alibabaCommands, alibabaPrinted, alibabaAnswers, fromAlibaba),
};
