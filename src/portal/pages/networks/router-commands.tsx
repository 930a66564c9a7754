import { NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RouterCommandsAnswer } from '../../../contract/api/site-routes.ts';
import { siteRouteRoutes } from '../../../contract/api/site-routes.ts';
import { ApiError } from '../../api/api-error.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { CommandBlock } from '../../parts/command-block.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';

type PlatformId = RouterCommandsAnswer['platform'];
type Properties = { readonly networkId: string; readonly named: PlatformId | undefined };

/** RouterCommands writes the routes in the words of the router or cloud that routes the LAN. It is chosen once and kept with the network. */
export function RouterCommands({ networkId, named }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const platforms = useQuery({ ...asking(siteRouteRoutes.platforms), staleTime: Number.POSITIVE_INFINITY });
  const name = useMutation({
    mutationFn: async (platform: PlatformId | null) =>
      await call(siteRouteRoutes.nameRouter, { params: { id: networkId }, body: { platform } }),
    onSuccess: async () =>
      await Promise.all(
        [siteRouteRoutes.staticRoutes, siteRouteRoutes.routerCommands].map(
          async ({ path }) => await client.invalidateQueries({ queryKey: [path] }),
        ),
      ),
  });
  const commands = useQuery({
    ...asking(siteRouteRoutes.routerCommands, { params: { id: networkId }, query: { routes: 'required' } }),
    enabled: named !== undefined,
  });
  const failure = [name.error, commands.error].find((error) => error instanceof ApiError);
  return (
    <Stack gap="md">
      <NativeSelect
        label={t('router.label')}
        value={named ?? ''}
        onChange={(event) => {
          const chosen = platforms.data?.find(({ id }) => id === event.currentTarget.value);
          name.mutate(chosen?.id ?? null);
        }}
        data={[
          { value: '', label: t('router.none') },
          ...(platforms.data ?? []).map(({ id, name: word }) => ({ value: id, label: word })),
        ]}
      />
      <FormFailure failure={failure} />
      {commands.data !== undefined && named !== undefined && <Commands commands={commands.data} />}
    </Stack>
  );
}

function Commands({ commands }: { readonly commands: RouterCommandsAnswer }) {
  const { t } = useTranslation();
  const blocks = [
    ['add', commands.add],
    ['verify', commands.verify],
    ['remove', commands.remove],
  ] as const;
  return (
    <>
      {commands.missing.length > 0 && <Text size="sm">{t('router.missing', { words: commands.missing.join(', ') })}</Text>}
      {blocks.map(([kind, text]) =>
        text === '' ? null : (
          <div key={kind}>
            <Text size="sm" fw={600}>
              {t(`router.${kind}`)}
            </Text>
            <CommandBlock text={text} label={t(`router.${kind}`)} />
          </div>
        ),
      )}
      {commands.notes.map(({ text }) => (
        <Text key={text} size="sm" c="dimmed">
          {text}
        </Text>
      ))}
    </>
  );
}
