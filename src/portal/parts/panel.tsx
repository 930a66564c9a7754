import { CloseButton, Title } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './page.module.css';

type Properties = { readonly title: string; readonly onClose: () => void; readonly children: ReactNode };

/**
 * Panel shows details or a form beside a page. It does not close the page off: the list stays there to be read and clicked. Escape closes it,
 * and the focus goes back to where it came from.
 */
export function Panel({ title, onClose, children }: Properties) {
  const { t } = useTranslation();
  const id = useId();
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const first = element.current?.querySelector<HTMLElement>('input, select, textarea');
    (first ?? element.current)?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <aside
      ref={element}
      tabIndex={-1}
      className={classes.panel}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className={classes.panelHead}>
        <Title order={2} id={id}>
          {title}
        </Title>
        <CloseButton onClick={onClose} aria-label={t('close')} />
      </div>
      {children}
    </aside>
  );
}
