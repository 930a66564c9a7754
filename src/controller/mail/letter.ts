import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import type { Sentence } from './say.ts';
import { oneLine } from './say.ts';

/** Letter is what a mail says, once; both forms are made of it. */
export type Letter = {
  readonly subject: Sentence;
  readonly paragraphs: readonly Sentence[];
  /** The one thing to do. The link is a secret. */
  readonly action?: { readonly label: string; readonly url: string };
  /** After the action, smaller: until when, and what to do if it was not expected. */
  readonly notes: readonly Sentence[];
};

/** RenderedLetter is ready to be put into a mail. */
export type RenderedLetter = { readonly subject: string; readonly text: string; readonly html: string };

/** renderLetter makes both forms. `wpcName` stands above and below it; nothing is loaded from anywhere when it is opened. */
export function renderLetter(letter: Letter, wpcName: string): RenderedLetter {
  const wpc = oneLine(wpcName);
  return {
    subject: oneLine(letter.subject.text, 150),
    text: asText(letter, wpc),
    html: `<!doctype html>\n${asPage(letter, wpc).toString()}\n`,
  };
}

function asText({ paragraphs, action, notes }: Letter, wpc: string): string {
  const blocks = [
    ...paragraphs.map(({ text }) => text),
    ...(action === undefined ? [] : [`${action.label}:\n${action.url}`]),
    ...notes.map(({ text }) => text),
    // What mail programs take for the start of a signature.
    `-- \n${wpc}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Fonts and colours are in attributes, and the frame is a table: what mail programs show alike. Colours carry no meaning. */
const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';

function asPage({ subject, paragraphs, action, notes }: Letter, wpc: string): Markup {
  return html`<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${oneLine(subject.text, 150)}</title>
</head>
<body style="margin:0;padding:24px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:520px;text-align:left;${font};font-size:16px;line-height:1.5">
<tr><td style="padding-bottom:16px;font-weight:600"><bdi>${wpc}</bdi></td></tr>
<tr><td>
${paragraphs.map(({ markup }) => html`<p style="margin:0 0 16px">${markup}</p>\n`)}${action === undefined ? html`` : button(action)}${notes.map(({ markup }) => html`<p style="margin:0 0 12px;font-size:14px">${markup}</p>\n`)}</td></tr>
</table>
</td></tr></table>
</body>
</html>`;
}

/** The address is there to read as well: some programs show no buttons, and who is careful looks where a link leads. */
function button({ label, url }: { readonly label: string; readonly url: string }): Markup {
  return html`<p style="margin:24px 0 12px"><a href="${url}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#0b6b57;color:#ffffff;text-decoration:none;font-weight:600">${label}</a></p>
<p style="margin:0 0 24px;font-size:13px;word-break:break-all"><a href="${url}">${url}</a></p>
`;
}
