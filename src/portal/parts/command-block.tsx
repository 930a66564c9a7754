import { CopyButton } from './copy-button.tsx';
import classes from './copyable.module.css';

/** CommandBlock shows what is to be pasted somewhere, as it is, with a button that copies it. */
export function CommandBlock({ text, label }: { readonly text: string; readonly label?: string }) {
  return (
    <div className={classes.block}>
      <pre className={classes.text} tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  );
}
