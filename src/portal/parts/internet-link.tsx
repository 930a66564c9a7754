import { useTranslation } from 'react-i18next';
import type { internetAccessModes } from '../../contract/api/words.ts';
import formClasses from './form.module.css';
import { TextLink } from './text-link.tsx';

type Properties = {
  readonly kind: 'user-group' | 'host';
  readonly id: string;
  readonly internetAccess: (typeof internetAccessModes)[number];
};

/** InternetLink says where internet traffic of a group or host goes, and leads to where that is changed, for everybody in one form. */
export function InternetLink({ kind, id, internetAccess }: Properties) {
  const { t } = useTranslation();
  return (
    <ul className={formClasses.lines}>
      <li>
        <span>
          {t('groups.internet')}: {t(`internetModes.${internetAccess}`)}
        </span>
        <TextLink to="/internet" search={{ change: `${kind}:${id}` }}>
          {t('groups.changeInternet')}
        </TextLink>
      </li>
    </ul>
  );
}
