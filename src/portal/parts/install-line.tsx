import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { installTokenRoutes } from '../../contract/api/install-token.ts';
import { ApiError } from '../api/api-error.ts';
import { call } from '../api/call.ts';
import { CommandBlock } from './command-block.tsx';
import { FormFailure } from './form-failure.tsx';
import { RelativeTime } from './relative-time.tsx';

/** A line to paste into a shell, or a script that clouds run as root at a machine's first boot (cloud-init). */
type Form = 'line' | 'user-data';

type Properties = { readonly connectorId: string; readonly form?: Form };

/** InstallLine makes the line that installs a connector. It holds a secret that is shown once, so it is made when it is asked for. */
export function InstallLine({ connectorId, form = 'line' }: Properties) {
  const { t } = useTranslation();
  const make = useMutation({
    mutationFn: async () => await call(installTokenRoutes.create, { params: { id: connectorId } }),
  });
  return (
    <>
      {make.data === undefined ? (
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          {t('install.make')}
        </Button>
      ) : (
        <Stack gap="xs">
          <CommandBlock
            text={form === 'line' ? make.data.installCommand : `#!/bin/sh\n${make.data.installCommand}`}
            label={t(form === 'line' ? 'install.line' : 'install.userData')}
          />
          <Text size="xs" c="dimmed">
            {t('install.expires')} <RelativeTime at={make.data.expiresAt} />. {t('install.once')}
          </Text>
        </Stack>
      )}
      <FormFailure failure={make.error instanceof ApiError ? make.error : undefined} />
    </>
  );
}
