/** src/portal/parts is what several pages share: marks, fields, tables, panels, and how they say that something is not there. */
import { Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './page-state.module.css';

/** PageLoader stands where a page will be. It appears late, so that what comes at once does not flicker. */
export function PageLoader() {
  const { t } = useTranslation();
  return (
    <div className={classes.loader} role="status" aria-label={t('loading')}>
      <Loader size="sm" type="dots" />
    </div>
  );
}
