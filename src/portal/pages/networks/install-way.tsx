import { Button, NativeSelect, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { networkConnectorRoutes } from '../../../contract/api/connector.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { InstallLine } from '../../parts/install-line.tsx';
import { saveFile } from '../../parts/save-file.ts';
import type { Connector } from './connector-state.ts';

/** Where a connector can run: a machine that takes the line, a cloud that runs it at the first boot, or something that takes a profile. */
const places = ['linux', 'aws', 'azure', 'google', 'oracle', 'router'] as const;
type Place = (typeof places)[number];

/** InstallWay is how a connector comes about where it is to run: the line, the line as a cloud takes it, or a profile. */
export function InstallWay({ connector }: { readonly connector: Connector }) {
  const { t } = useTranslation();
  const [place, setPlace] = useState<Place>('linux');
  return (
    <>
      <NativeSelect
        label={t('install.where')}
        value={place}
        onChange={({ currentTarget: { value } }) => setPlace(places.find((each) => each === value) ?? 'linux')}
        data={places.map((value) => ({ value, label: t(`install.places.${value}`) }))}
      />
      <Text size="sm">{t(`install.leads.${place}`)}</Text>
      {place === 'router' ? (
        <ProfileButton connector={connector} />
      ) : (
        <InstallLine connectorId={connector.id} form={place === 'linux' ? 'line' : 'user-data'} />
      )}
    </>
  );
}

function ProfileButton({ connector }: { readonly connector: Connector }) {
  const { t } = useTranslation();
  const make = useMutation({
    mutationFn: async () => {
      const profile = await call(networkConnectorRoutes.profile, { params: { id: connector.id } });
      saveFile(`${connector.name}.ovpn`, profile, 'application/x-openvpn-profile');
    },
  });
  return (
    <>
      <Button loading={make.isPending} onClick={() => make.mutate()}>
        {t('install.profile')}
      </Button>
      <FormFailure failure={make.error instanceof ApiError ? make.error : undefined} />
    </>
  );
}
