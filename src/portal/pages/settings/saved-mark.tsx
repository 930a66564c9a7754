import { useTranslation } from 'react-i18next';
import { StateMark } from '../../parts/state-mark.tsx';

/** SavedMark says that what stands in a form counts now. It is there before it says so: screen readers tell only what changes in it. */
export function SavedMark({ isSaved }: { readonly isSaved: boolean }) {
  const { t } = useTranslation();
  return <div role="status">{isSaved && <StateMark state="up" word={t('settings.saved')} />}</div>;
}
