import { ActionIcon, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '../app/session-context.ts';
import { Icon } from '../parts/icon.tsx';
import { AccountMenu } from './account-menu.tsx';
import { LiveMark } from './live-mark.tsx';
import { SearchPlace } from './search-place.tsx';
import { StatePill } from './state-pill.tsx';
import classes from './top-bar.module.css';

type Properties = { readonly isRailOpen: boolean; readonly onOpenRail: () => void };

/** TopBar says where one is, and is the way to everything that has a name or an address. */
export function TopBar({ isRailOpen, onOpenRail }: Properties) {
  const { t } = useTranslation();
  const { wpc } = useSession();
  return (
    <header className={classes.bar}>
      <ActionIcon
        className={classes.menu}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('rail.open')}
        aria-expanded={isRailOpen}
        onClick={onOpenRail}
      >
        <Icon name="menu" />
      </ActionIcon>
      <Text fw={600} className={classes.name} title={wpc.name}>
        <bdi>{wpc.name}</bdi>
      </Text>
      <SearchPlace />
      <LiveMark />
      <StatePill />
      <AccountMenu />
    </header>
  );
}
