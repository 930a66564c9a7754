import i18next from 'i18next';

/** addTexts adds what only one page says, when that page is loaded: what comes with the frame is paid for by every page. */
export function addTexts(texts: object): void {
  i18next.addResourceBundle('en', 'portal', texts, true);
}
