import { UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icon.tsx';
import mark from '../theme/causeway.svg';
import classes from './rail.module.css';
import { railEntries } from './rail-entries.ts';

type Properties = {
  /** On small screens, where it lies over the page. */
  readonly isOpen: boolean;
  readonly isNarrow: boolean;
  readonly onToggleWidth: () => void;
  readonly onClose: () => void;
};

/** Rail leads to the pages. On small screens it comes over the page and goes with the choice, Escape, or a click beside it. */
export function Rail({ isOpen, isNarrow, onToggleWidth, onClose }: Properties) {
  const { t } = useTranslation();
  useEffect(() => {
    if (!isOpen) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOpen, onClose]);
  return (
    <>
      {isOpen && <div className={classes.shade} onClick={onClose} aria-hidden="true" />}
      <nav
        className={classes.rail}
        data-open={isOpen || undefined}
        data-narrow={isNarrow || undefined}
        aria-label={t('rail.label')}
      >
        <Link to="/" className={classes.brand} onClick={onClose}>
          <img src={mark} alt="" className={classes.mark} />
          <span className={classes.words}>Causeway</span>
        </Link>
        <ul className={classes.list}>
          {railEntries.map(({ to, text, icon }) => (
            <li key={to}>
              <Link
                to={to}
                className={classes.entry}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                onClick={onClose}
                title={isNarrow ? t(text) : undefined}
              >
                <Icon name={icon} />
                <span className={classes.words}>{t(text)}</span>
              </Link>
            </li>
          ))}
        </ul>
        <UnstyledButton className={classes.width} onClick={onToggleWidth} aria-pressed={isNarrow}>
          <Icon name={isNarrow ? 'wider' : 'narrower'} />
          <span className={classes.words}>{t('rail.narrower')}</span>
        </UnstyledButton>
      </nav>
    </>
  );
}
