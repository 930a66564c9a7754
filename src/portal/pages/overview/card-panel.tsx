import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InternetRefusal, InternetUse } from '../../../contract/api/internet-gateway.ts';
import type { Overview } from '../../../contract/api/overview.ts';
import type { FindingAnswer } from '../../../contract/api/trace.ts';
import type { PlacedCard } from '../../../core/map-layout.ts';
import { Address } from '../../parts/address.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { formatBytes, formatRate } from '../../traffic/format-bytes.ts';
import { ConnectorMark } from '../networks/connector-mark.tsx';
import type { MapObject, ShownObject } from './map-objects.ts';
import { cardId } from './map-objects.ts';
import classes from './overview.module.css';
import type { CardWords } from './use-card-words.ts';

type Properties = {
  readonly card: PlacedCard | undefined;
  readonly objects: ReadonlyMap<string, ShownObject>;
  readonly overview: Overview;
  readonly problems: readonly FindingAnswer[];
  readonly words: (card: PlacedCard) => CardWords;
  readonly onChoose: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
};

/** CardPanel tells what there is to know about a card, and leads to the pages about it. */
export function CardPanel({ card, objects, overview, problems, words, onChoose, onOpen, onClose }: Properties) {
  const { t } = useTranslation();
  if (card === undefined)
    return (
      <Panel title={t('map.title')} onClose={onClose}>
        <Text size="sm">{t('card.gone')}</Text>
      </Panel>
    );
  const { kind, name, word } = words(card);
  const object = objects.get(card.id)?.object;
  return (
    <Panel key={card.id} title={name} onClose={onClose}>
      <div className={classes.state}>
        <Text component="span" size="sm" c="dimmed">
          {kind}
        </Text>
        <StateMark state={card.state} word={word} />
      </div>
      {card.group !== null && (
        <>
          <Button variant="default" onClick={() => onOpen(card.id)}>
            {t('map.open')}
          </Button>
          <ul className={classes.lines}>
            {card.group.members.map((id) => {
              const member = objects.get(id);
              return member === undefined ? null : (
                <li key={id}>
                  <ObjectName name={member.name} />
                  <StateMark
                    state={member.state}
                    word={t(`map.words.${member.word.key}`, {
                      some: member.word.some ?? 0,
                      all: member.word.all ?? 0,
                    })}
                  />
                </li>
              );
            })}
          </ul>
        </>
      )}
      {object !== undefined && <Details object={object} overview={overview} onChoose={onChoose} />}
      {object !== undefined && <Problems object={object} problems={problems} />}
    </Panel>
  );
}

type Chosen = Pick<Properties, 'overview' | 'onChoose'>;

function Details({ object, overview, onChoose }: Chosen & { readonly object: MapObject }) {
  const { t } = useTranslation();
  switch (object.kind) {
    case 'network': {
      const { id, name, prefixes } = object.network;
      return (
        <>
          <div className={classes.links}>
            <TextLink to="/networks/$id" params={{ id }}>
              {t('card.openNetwork')}
            </TextLink>
            <TextLink to="/trace" search={{ from: `network:${name}` }}>
              {t('card.traceFrom')}
            </TextLink>
          </div>
          <Part title={t('card.prefixes')}>
            <div className={classes.several}>
              {prefixes.length === 0 ? t('card.none') : prefixes.map((prefix) => <Address key={prefix} value={prefix} />)}
            </div>
          </Part>
          <Connectors connectors={object.network.connectors} />
          <Leaving overview={overview} kind="network" id={id} mode={object.network.internetAccess} />
          <Uses uses={usesOf(overview, object.network.connectors)} onChoose={onChoose} title={t('card.usedBy')} />
        </>
      );
    }
    case 'host': {
      const { id, connectors, internetAccess } = object.host;
      const address = connectors[0]?.ipV4Address;
      return (
        <>
          <div className={classes.links}>
            <TextLink to="/hosts" search={{ id }}>
              {t('card.openHost')}
            </TextLink>
            {address !== undefined && (
              <TextLink to="/trace" search={{ to: address }}>
                {t('card.traceTo')}
              </TextLink>
            )}
          </div>
          <Connectors connectors={connectors} />
          <Leaving overview={overview} kind="host" id={id} mode={internetAccess} />
        </>
      );
    }
    case 'user-group': {
      const { id, people, peopleOnline, devicesOnline, internetAccess, regions } = object.group;
      return (
        <>
          <div className={classes.links}>
            <TextLink to="/groups" search={{ id }}>
              {t('card.openGroup')}
            </TextLink>
            <TextLink to="/users" search={{ group: id }}>
              {t('card.openPeople')}
            </TextLink>
          </div>
          <Facts
            facts={[
              [t('card.people'), t('map.counts.online', { some: peopleOnline, all: people })],
              [t('card.devices'), String(devicesOnline)],
            ]}
          />
          {regions.length > 0 && (
            <Part title={t('card.connectedTo')}>
              <ul className={classes.lines}>
                {regions.map((region) => (
                  <li key={region.regionId}>
                    <CardLink id={cardId('region', region.regionId)} onChoose={onChoose}>
                      {overview.regions.find(({ id: each }) => each === region.regionId)?.name ?? region.regionId}
                    </CardLink>
                    <span>{region.people}</span>
                  </li>
                ))}
              </ul>
            </Part>
          )}
          <Leaving overview={overview} kind="user-group" id={id} mode={internetAccess} />
        </>
      );
    }
    case 'region': {
      const { id, gateway } = object.region;
      const connectors = [...(overview.networks ?? []), ...(overview.hosts ?? [])].flatMap((site) =>
        site.connectors.filter(({ gatewayRegionId, regionId }) => (gatewayRegionId ?? regionId) === id),
      );
      const people = (overview.groups ?? [])
        .flatMap(({ regions }) => regions)
        .filter(({ regionId }) => regionId === id)
        .reduce((sum, region) => sum + region.people, 0);
      return (
        <>
          <Facts
            facts={[
              ...(gateway === null
                ? []
                : ([
                    [t('card.gateway'), <bdi key="name">{gateway.name}</bdi>],
                    [t('card.lanes'), `${String(gateway.lanesUp)} / ${String(gateway.lanes)}`],
                    [
                      t('card.reported'),
                      gateway.reportedAt === null ? t('card.never') : <RelativeTime key="at" at={gateway.reportedAt} />,
                    ],
                  ] as const)),
              [t('card.peopleHere'), String(people)],
            ]}
          />
          <Connectors connectors={connectors} title={t('card.connectorsHere')} />
        </>
      );
    }
    case 'internet':
      return (
        <>
          <Uses uses={object.internet.uses} onChoose={onChoose} title={t('card.usedBy')} />
          <Uses uses={object.internet.refused} onChoose={onChoose} title={t('card.refused')} />
        </>
      );
  }
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function CardLink({ id, onChoose, children }: Pick<Chosen, 'onChoose'> & { readonly id: string; readonly children: ReactNode }) {
  return (
    <button type="button" className={classes.cardLink} onClick={() => onChoose(id)}>
      {children}
    </button>
  );
}

type Connector = NonNullable<Overview['networks']>[number]['connectors'][number];

function Connectors({ connectors, title }: { readonly connectors: readonly Connector[]; readonly title?: string }) {
  const { t, i18n } = useTranslation();
  const bytes = (value: number) => formatBytes(value, i18n.language);
  return (
    <Part title={title ?? t('card.connectors')}>
      {connectors.length === 0 ? (
        <Text size="sm">{t('card.none')}</Text>
      ) : (
        <ul className={classes.lines}>
          {connectors.map((connector) => (
            <li key={connector.id}>
              <span className={classes.named}>
                <ObjectName name={connector.name} />
                <Address value={connector.ipV4Address} />
              </span>
              <span className={classes.stated}>
                <ConnectorMark connector={connector} />
                {connector.traffic.bytesPerSecond !== null && (
                  <Text component="span" size="xs">
                    {formatRate(connector.traffic.bytesPerSecond, i18n.language)}
                  </Text>
                )}
                {connector.traffic.tunnels > 0 && (
                  <Text component="span" size="xs" c="dimmed">
                    {t('card.traffic', {
                      bytesIn: bytes(connector.traffic.bytesIn),
                      bytesOut: bytes(connector.traffic.bytesOut),
                    })}
                  </Text>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

type LeavingProperties = {
  readonly overview: Overview;
  readonly kind: InternetUse['kind'];
  readonly id: string;
  readonly mode: 'SPLIT_TUNNEL_ON' | 'SPLIT_TUNNEL_OFF' | 'RESTRICTED_INTERNET';
};

/** Leaving says what the internet traffic of somebody does, and by whom it leaves now or why it is refused. */
function Leaving({ overview, kind, id, mode }: LeavingProperties) {
  const { t } = useTranslation();
  const own = (use: InternetRefusal) => use.kind === kind && use.id === id;
  const connectors = [...(overview.networks ?? []), ...(overview.hosts ?? [])].flatMap((site) => site.connectors);
  const uses = overview.internet?.uses.filter(own) ?? [];
  const refused = overview.internet?.refused.filter(own) ?? [];
  return (
    <Part title={t('card.internet')}>
      <Text size="sm">{t(`card.modes.${mode}`)}</Text>
      {uses.map(({ connectorId, gatewayRegion, reason }) => (
        <Text size="sm" key={`${connectorId} ${gatewayRegion}`} title={reason}>
          {t('card.leavesBy', { name: connectors.find((connector) => connector.id === connectorId)?.name ?? connectorId })}
        </Text>
      ))}
      {refused.map(({ gatewayRegion, reason }) => (
        <Text size="sm" key={gatewayRegion}>
          <StateMark state="down" word={reason} />
        </Text>
      ))}
    </Part>
  );
}

function usesOf(overview: Overview, connectors: readonly Connector[]): readonly InternetUse[] {
  const own = new Set(connectors.map(({ id }) => id));
  return overview.internet?.uses.filter(({ connectorId }) => own.has(connectorId)) ?? [];
}

type UsesProperties = Pick<Chosen, 'onChoose'> & { readonly title: string; readonly uses: readonly InternetRefusal[] };

function Uses({ uses, title, onChoose }: UsesProperties) {
  if (uses.length === 0) return null;
  return (
    <Part title={title}>
      <ul className={classes.lines}>
        {uses.map(({ kind, id, name, reason, gatewayRegion }) => (
          <li key={`${kind} ${id} ${gatewayRegion}`}>
            <CardLink id={cardId(kind, id)} onChoose={onChoose}>
              <ObjectName name={name} />
            </CardLink>
            <Text component="span" size="xs" c="dimmed">
              {reason}
            </Text>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Problems are those about the object itself, or about a connector of it. */
function Problems({ object, problems }: { readonly object: MapObject } & Pick<Properties, 'problems'>) {
  const { t } = useTranslation();
  const ids = new Set(idsOf(object));
  const own = problems.filter(({ object: about, hop }) => ids.has(about.id) || (hop !== null && ids.has(hop.id)));
  if (own.length === 0) return null;
  return (
    <Part title={t('card.problems')}>
      <ul className={classes.lines}>
        {own.map((finding) => (
          <li key={`${finding.code} ${finding.object.id} ${finding.direction ?? ''}`}>
            <TextLink to="/problems">
              <bdi>{finding.title}</bdi>
            </TextLink>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function idsOf(object: MapObject): readonly string[] {
  switch (object.kind) {
    case 'network':
      return [object.network.id, ...object.network.connectors.map(({ id }) => id)];
    case 'host':
      return [object.host.id, ...object.host.connectors.map(({ id }) => id)];
    case 'user-group':
      return [object.group.id];
    case 'region':
      return object.region.gateway === null ? [] : [object.region.gateway.id];
    case 'internet':
      return [];
  }
}
