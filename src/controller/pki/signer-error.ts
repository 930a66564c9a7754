import { CausewayError } from '../../contract/errors.ts';

/**
 * SignerError is a signing that did not happen. `unavailable`: no signer answered in time, asking again may help. `refused`: a rule of
 * the signer forbids it, which for a caller is bad input (a foreign key type, a wrong signature). `failed`: see the signer's log.
 */
export class SignerError extends CausewayError {
  override readonly name = 'SignerError';
  readonly reason: 'unavailable' | 'refused' | 'failed';

  constructor(reason: SignerError['reason'], message: string, options: { cause?: unknown } = {}) {
    super(codes[reason], message, options);
    this.reason = reason;
  }
}

const codes = { unavailable: 'unavailable', refused: 'invalid-input', failed: 'internal' } as const;
