/** src/portal/happened is how the portal says what happened: to what, in words, and where it leads. */
import { useTranslation } from 'react-i18next';
import { enActivity } from '../texts/en-activity.ts';

const entities: ReadonlySet<string> = new Set(Object.keys(enActivity.entities));
const actions: ReadonlySet<string> = new Set(Object.keys(enActivity.actions));

/** HappenedWords say what kind of thing it was and what was done. A word that has no translation is the API's own. */
type HappenedWords = { readonly entityWord: (entity: string) => string; readonly actionWord: (action: string) => string };

export function useHappenedWords(): HappenedWords {
  const { t } = useTranslation();
  return {
    entityWord: (entity) =>
      entities.has(entity) ? t(`entities.${entity as keyof typeof enActivity.entities}`) : capital(plain(entity)),
    actionWord: (action) => (actions.has(action) ? t(`actions.${action as keyof typeof enActivity.actions}`) : plain(action)),
  };
}

function plain(word: string): string {
  return word.replaceAll('-', ' ');
}

function capital(word: string): string {
  return word.charAt(0).toLocaleUpperCase() + word.slice(1);
}
