import type { Letter } from './letter.ts';
import { say } from './say.ts';

/** Each function writes one kind of letter. Names are as people gave them: `say` makes them harmless. */

export type InvitationLetter = {
  readonly wpcName: string;
  /** The user name of who invites, or words for it: the first of a sentence. */
  readonly invitedBy: string;
  readonly username: string;
  readonly link: string;
  readonly expiresAt: Date;
};

export function invitationLetter({ wpcName, invitedBy, username, link, expiresAt }: InvitationLetter): Letter {
  return {
    subject: say`Your invitation to ${wpcName}`,
    paragraphs: [
      say`${invitedBy} has invited you to ${wpcName}, a private network.`,
      say`Choose a password for your user name ${username}; then connect your first device. It takes about two minutes.`,
    ],
    action: { label: 'Accept the invitation', url: link },
    notes: [
      say`The link works once, until ${instantInWords(expiresAt)}.`,
      say`If you expect no such invitation, do nothing: nobody gets in without this link.`,
    ],
  };
}

export type PasswordLetter = {
  readonly wpcName: string;
  readonly username: string;
  readonly link: string;
  readonly expiresAt: Date;
};

export function passwordLetter({ wpcName, username, link, expiresAt }: PasswordLetter): Letter {
  return {
    subject: say`A new password for ${wpcName}`,
    paragraphs: [say`A new password was asked for, for the user name ${username} of ${wpcName}.`],
    action: { label: 'Choose a new password', url: link },
    notes: [
      say`The link works once, until ${instantInWords(expiresAt)}. It ends all sessions in browsers.`,
      say`If you have not asked for it, do nothing: your password stays as it is.`,
    ],
  };
}

export function testLetter(wpcName: string): Letter {
  return {
    subject: say`Test mail of ${wpcName}`,
    paragraphs: [say`${wpcName} can send mail: this one was asked for in its settings.`],
    notes: [],
  };
}

/** UTC, and said: nobody knows in which time zone a mail is read. */
function instantInWords(at: Date): string {
  const day = at.toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });
  return `${day}, ${at.toISOString().slice(11, 16)} UTC`;
}
