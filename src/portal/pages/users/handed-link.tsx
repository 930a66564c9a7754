import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CommandBlock } from '../../parts/command-block.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';

type Properties = {
  readonly link: string;
  readonly expiresAt: string;
  /** Where it was sent; undefined: it has to be handed over. */
  readonly mailedTo?: string | undefined;
};

/** HandedLink shows a link that stands for a person, once, or says where it was sent. */
export function HandedLink({ link, expiresAt, mailedTo }: Properties) {
  const { t } = useTranslation();
  if (mailedTo !== undefined) return <Text size="sm">{t('users.mailed', { email: mailedTo })}</Text>;
  return (
    <Stack gap="xs">
      <Text size="sm">{t('users.handOver')}</Text>
      <CommandBlock text={link} label={t('users.link')} />
      <Text size="xs" c="dimmed">
        {t('users.works')} <RelativeTime at={expiresAt} />.
      </Text>
    </Stack>
  );
}
