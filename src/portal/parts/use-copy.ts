import { useEffect, useState } from 'react';

/** Long enough to be read, short enough to be gone before the next look. */
const shown_ms = 2_000;

/** useCopy puts text on the clipboard; `isCopied` for a moment afterwards. */
export function useCopy(text: string): { readonly isCopied: boolean; readonly copy: () => void } {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), shown_ms);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return {
    isCopied,
    // Refused by the browser, it stays as it was, and the text can still be selected.
    copy: () =>
      void navigator.clipboard.writeText(text).then(
        () => setCopied(true),
        () => undefined,
      ),
  };
}
