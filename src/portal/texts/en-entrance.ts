/** What is said before somebody is signed in, and by what is shared; it is part of the first load. Style: portal.md 10. */
export const enEntrance = {
  loading: 'Loading',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  copyValue: 'Copy {{value}}',
  cancel: 'Cancel',
  blankName: '(a name that shows nothing)',
  problem: {
    title: 'This page cannot be shown',
    notThere: 'This is not there',
    ofPortal: 'Something in the portal itself failed. Load the page again; if it stays, report what is said below.',
    missingCode: 'A part of it could not be loaded. The page goes on by itself when the controller answers.',
    request: 'Request',
    retry: 'Try again',
    start: 'To the overview',
  },
  signIn: {
    title: 'Sign in',
    username: 'User name',
    email: 'Mail address',
    password: 'Password',
    submit: 'Sign in',
    forgotten: 'Forgotten password',
    forgottenWithoutMail: 'Forgotten password: an administrator can make a link for a new one.',
  },
  passkey: { use: 'Sign in with a passkey' },
} as const;
