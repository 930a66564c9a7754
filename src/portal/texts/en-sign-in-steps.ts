/** What is said on the steps of the sign-in that not everybody sees. Style: portal.md 10. */
export const enSignInSteps = {
  forgotten: {
    title: 'New password',
    lead: 'A link to set a new password comes by mail, if there is an account with this address.',
    sent: 'If there is an account with this address, a link is on its way. It works for 30 minutes.',
    submit: 'Send the link',
    back: 'Back',
  },
  secondFactor: {
    title: 'Second factor',
    totp: 'Code',
    recoveryCode: 'Recovery code',
    leads: {
      totp: 'The six digits that your authenticator app shows now.',
      'recovery-code': 'One of the codes that you kept. Each works once.',
      passkey: 'A key in this device, a telephone or a security key. Your browser asks for it.',
    },
    uses: { totp: 'Use the authenticator app', 'recovery-code': 'Use a recovery code', passkey: 'Use a passkey' },
    trust: 'Do not ask in this browser for 30 days',
    submit: 'Continue',
    other: 'Sign in as somebody else',
  },
} as const;
