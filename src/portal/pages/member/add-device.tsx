import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ownDeviceRoutes } from '../../../contract/api/own-device.ts';
import { devicePlatforms } from '../../../contract/api/words.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { thisPlatform } from './this-platform.ts';
import classes from './member.module.css';

/** AddDevice makes a device; its platform is that of this browser until somebody says otherwise. */
export function AddDevice() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const form = useContractForm({
    schema: ownDeviceRoutes.create.body,
    initial: { name: '', platform: thisPlatform(navigator.userAgent) },
    labels: { name: t('member.name'), platform: t('member.platform') },
    submit: async (body) => {
      await call(ownDeviceRoutes.create, { body });
      form.clear();
      await client.invalidateQueries({ queryKey: [ownDeviceRoutes.list.path] });
    },
  });
  return (
    <form {...form.form} className={classes.add}>
      <TextInput {...form.field('name')} placeholder={t('member.nameHint')} autoComplete="off" />
      <NativeSelect
        {...form.field('platform')}
        data={devicePlatforms.map((value) => ({ value, label: t(`member.platforms.${value}`) }))}
      />
      <Button type="submit" loading={form.isSending} className={classes.submit}>
        {t('member.add')}
      </Button>
      <FormFailure failure={form.failure} />
    </form>
  );
}
