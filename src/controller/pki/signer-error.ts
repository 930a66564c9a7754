/**
 * SignerError is a signing that did not happen. `unavailable`: no signer answered in time, asking again may help. `refused`: a rule of
 * the signer forbids it, a defect of the caller or bad input such as a foreign key type. `failed`: the signer's own trouble, see its log.
 */
export class SignerError extends Error {
  override readonly name = 'SignerError';
  readonly code: 'unavailable' | 'refused' | 'failed';

  constructor(code: SignerError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
