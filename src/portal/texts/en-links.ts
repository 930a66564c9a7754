/** What the pages say to which a link leads: of the first start, of a mail, of a client that connects. Style: portal.md 10. */
export const enLinks = {
  newPassword: {
    rule: 'At least 12 characters. A few words that nobody would guess are good.',
    soFar_one: '{{count}} character so far, of at least 12',
    soFar_other: '{{count}} characters, of at least 12',
  },
  setUp: {
    title: 'Set up Causeway',
    lead: 'You become the owner of this installation. The owner may do everything, and makes the other accounts.',
    withoutLink:
      'This installation has no owner yet. Open the link that "causeway up" printed, or make a new one on the controller\'s machine:',
    email: 'Your mail address',
    password: 'Password',
    wpcName: 'Name of your WPC',
    wpcNameHelp: 'What people see on every page: a company, a team, a place.',
    submit: 'Set up',
  },
  invitation: {
    title: 'Welcome',
    lead: 'Choose a password for {{wpc}}. You are signed in with it at once.',
    withoutLink: 'This link is not whole. Open the whole link, or ask for a new one.',
    username: 'Your user name:',
    password: 'Password',
    submit: 'Begin',
  },
  connect: {
    title: 'Connect a device',
    lead: 'A client with the profile of your device waits to be let in.',
    again: 'Connect again in your OpenVPN client: it opens a new page.',
    device: 'Device',
    from: 'From',
    otherPlace: 'you are at {{address}}',
    password: 'Your password',
    approve: 'Connect',
    refuse: 'This is not me',
    states: {
      approved: 'The device is let in. You can close this page.',
      refused: 'The device was sent away. If it was not you, make a new profile for it.',
      gone: 'The client has given up. Connect again: it opens a new page.',
    },
  },
  reset: {
    title: 'New password',
    lead: 'All sessions of your account end with it.',
    done: 'The new password counts now. All sessions of your account have ended.',
    withoutLink: 'This link is not whole. Open the whole link, or ask for a new one.',
    password: 'New password',
    submit: 'Set the password',
    toSignIn: 'To the sign-in',
  },
} as const;
