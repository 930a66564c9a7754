import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/api-error.ts';
import { FormFailure } from './form-failure.tsx';

type Properties = {
  readonly title: string;
  /** Exactly what will be cut, and for whom. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly verb: string;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
};

/** Confirm stands before what destroys something. It stays, with what the API has against it, until it is done or called off. */
export function Confirm({ title, children, verb, act, onClose }: Properties) {
  const { t } = useTranslation();
  const action = useMutation({ mutationFn: act, onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="md">
        <div>{children}</div>
        <FormFailure failure={action.error instanceof ApiError ? action.error : undefined} />
        <Group gap="sm" justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          <Button color="red" loading={action.isPending} onClick={() => action.mutate()}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
