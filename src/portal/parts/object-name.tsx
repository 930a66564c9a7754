import { useTranslation } from 'react-i18next';

/**
 * ObjectName shows a name that somebody gave, as text and in its own direction: signs in it that turn the direction around end with it. One
 * that shows nothing is said to be so, since it has to be clicked and talked about.
 */
export function ObjectName({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  return <bdi>{/[^\p{White_Space}\p{C}]/u.test(name) ? name : t('blankName')}</bdi>;
}
