import { CausewayError, conflict } from '../../contract/errors.ts';
import { awsCommands } from './aws-commands.ts';

/** What the SDK throws where the policy of the role leaves out a call. */
const notAllowed = new Set(['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException']);

/** What it throws where AWS does not know who asks. */
const notAccepted = new Set([
  'AuthFailure',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const permissions = `It takes ${awsCommands.permissions.join(', ')}, and no more`;
const byHand = 'Or read it by hand: causeway cloud commands.';

export function isNotAllowed(error: unknown): boolean {
  return notAllowed.has(nameOf(error));
}

/**
 * awsProblem is what a failure of the SDK means to whoever asked. Its own words stay out of answer and log, but for the name of the error: they
 * may repeat the request that was signed.
 */
export function awsProblem(error: unknown): CausewayError {
  const name = nameOf(error);
  if (name === 'CredentialsProviderError') {
    const how = 'Give its machine an instance role, or start causeway up with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set';
    return conflict('credentials', `The controller has no credentials for AWS. ${how}. ${permissions}. ${byHand}`);
  }
  if (error instanceof Error && error.message === 'Region is missing') {
    const how = 'Name it as the router of this network (region), or start causeway up with AWS_REGION set';
    return conflict('region', `It is not known in which region of AWS the network is. ${how}.`);
  }
  if (notAccepted.has(name)) {
    return conflict('credentials', `AWS does not accept the credentials of the controller (${name}). ${permissions}. ${byHand}`);
  }
  if (notAllowed.has(name)) {
    return conflict(
      'credentials',
      `The credentials of the controller may not read what is needed in AWS. ${permissions}. ${byHand}`,
    );
  }
  return new CausewayError('unavailable', `AWS could not be asked (${name}). Try again in a few seconds. ${byHand}`, {
    cause: new Error(`asking EC2: ${name}`),
  });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  // Of Node's own errors the code says more: ECONNREFUSED, ENOTFOUND.
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[A-Za-z0-9_.]{1,60}$/.test(name) ? name : 'unknown';
}
