import { useTranslation } from 'react-i18next';
import { useLiveState } from '../live/live-context.ts';
import classes from './top-bar.module.css';

/** LiveMark says quietly that what is shown does not follow what happens; while it does there is nothing to say. */
export function LiveMark() {
  const { t } = useTranslation();
  const state = useLiveState();
  const isLive = state === 'live' || state === 'connecting';
  return (
    <span role="status" className={classes.live} title={isLive ? undefined : t(`live.${state}Text`)}>
      {!isLive && t(`live.${state}`)}
    </span>
  );
}
