/** SigningRefused means that a request breaks one of the signer's rules: asking again is of no use. The message says which rule. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused';
}
