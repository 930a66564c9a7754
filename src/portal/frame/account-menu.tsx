import { ActionIcon, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { webSessionRoutes } from '../../contract/api/web-session.ts';
import { call } from '../api/call.ts';
import { usePerson } from '../app/session-context.ts';
import { useSessionChange } from '../app/use-session-change.ts';
import { Icon } from '../parts/icon.tsx';

const schemes = ['auto', 'light', 'dark'] as const;

/** AccountMenu is who is signed in, how the portal looks to them, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const person = usePerson();
  // Without transitions Mantine would write a <style> element, which the content security policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const signOut = useSessionChange(async () => await call(webSessionRoutes.signOut));
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('accountMenu.label')}>
          <Icon name="account" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} truncate c="var(--mantine-color-text)">
            <bdi>{person.username}</bdi>
          </Text>
          {t(`roles.${person.role}`)}
        </Menu.Label>
        <Menu.Item component={Link} to="/account">
          {t('accountMenu.account')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('accountMenu.look')}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            rightSection={colorScheme === scheme ? '✓' : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`schemes.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => signOut.mutate(undefined)}>{t('accountMenu.signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
