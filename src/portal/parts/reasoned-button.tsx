import { Button, VisuallyHidden } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import { useId } from 'react';
import type { ReactNode } from 'react';

type Properties = Pick<ButtonProps, 'variant' | 'size' | 'color' | 'loading'> & {
  /** Why it cannot be done; undefined: it can. */
  readonly reason: string | undefined;
  /** What it is called where its text alone does not tell it from others. */
  readonly label?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
};

/**
 * ReasonedButton shows what the server would refuse as disabled, with the reason: on hover, and to who reads with a screen reader. It keeps the
 * focus, which a button that is disabled outright would not have.
 */
export function ReasonedButton({ reason, label, onClick, children, ...button }: Properties) {
  const id = useId();
  return (
    <>
      <Button
        {...button}
        aria-label={label}
        onClick={reason === undefined ? onClick : undefined}
        {...(reason === undefined ? {} : { 'aria-disabled': true, 'data-disabled': true, 'aria-describedby': id, title: reason })}
      >
        {children}
      </Button>
      {reason !== undefined && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
    </>
  );
}
