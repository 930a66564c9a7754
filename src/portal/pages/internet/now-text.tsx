import { useTranslation } from 'react-i18next';
import type { InternetGateways } from '../../../contract/api/internet-gateway.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import type { InternetUser } from './internet-users.ts';

type Properties = { readonly user: InternetUser; readonly gateways: InternetGateways };

/** NowText says where internet traffic of one leaves now, as gateways report it; why, on hover. */
export function NowText({ user, gateways: { gateways, refused } }: Properties) {
  const { t } = useTranslation();
  if (user.internetAccess === 'SPLIT_TUNNEL_ON') return t('internet.nowLocal');
  const refusal = refused.find(({ id }) => id === user.id);
  const used = gateways.filter(({ usedBy }) => usedBy.some(({ id }) => id === user.id));
  if (refusal !== undefined) {
    return (
      <span title={refusal.reason}>
        <StateMark state="down" word={t('internet.nowRefused')} />
      </span>
    );
  }
  if (used.length === 0) {
    return user.internetAccess === 'RESTRICTED_INTERNET' ? (
      t('internet.nowRefused')
    ) : (
      <StateMark state="unknown" word={t('internet.nowNobody')} />
    );
  }
  const reasons = used.flatMap(({ usedBy }) => usedBy.filter(({ id }) => id === user.id).map(({ reason }) => reason));
  return (
    <span title={reasons.join('\n')}>
      <StateMark state="up" word={t('internet.nowThrough', { name: used.map(({ name }) => name).join(', ') })} />
    </span>
  );
}
