import { useTranslation } from 'react-i18next';

/** As many as are read before a button is pressed. */
const most = 8;

/** useSomeNames names objects in a sentence: the first of them, and how many more there are. */
export function useSomeNames(): (names: readonly string[]) => string {
  const { t } = useTranslation();
  return (names) => {
    const first = names.slice(0, most).join(', ');
    return names.length > most ? t('list.more', { names: first, count: names.length - most }) : first;
  };
}
