import { Alert, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../api/api-error.ts';

/** FormFailure is what the API has against the whole form. It stays until it is mended or the form changes. */
export function FormFailure({ failure }: { readonly failure: ApiError | undefined }) {
  const { t } = useTranslation();
  if (failure === undefined) return null;
  return (
    <Alert color="red" variant="outline" role="alert">
      <Text size="sm">{failure.message}</Text>
      {failure.status >= 500 && failure.requestId !== null && (
        <Text size="xs" c="dimmed">
          {t('problem.request')} <code>{failure.requestId}</code>
        </Text>
      )}
    </Alert>
  );
}
