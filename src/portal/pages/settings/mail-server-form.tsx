import { Button, NativeSelect, PasswordInput, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import type { MailServerAnswer } from '../../../contract/api/mail.ts';
import { mailRoutes, mailSecurities, mailServerRequest } from '../../../contract/api/mail.ts';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { Confirm } from '../../parts/confirm.tsx';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { SavedMark } from './saved-mark.tsx';
import classes from './settings.module.css';

const { shape } = mailServerRequest;
const text = z.string();
/** A field of the form is always there; what is optional is empty in it. */
const optional = text.trim().transform((given): string | null | undefined => given);
const port = z
  .string()
  .trim()
  .regex(/^\d{1,5}$/, { error: 'is not a port; allowed: 1 to 65535' });
const asked = z.object({
  host: text.trim().pipe(shape.host),
  port: port.transform(Number).pipe(shape.port),
  security: shape.security,
  username: optional.pipe(shape.username),
  password: text.max(1_000),
  senderAddress: text.trim().pipe(shape.senderAddress),
  senderName: optional.pipe(shape.senderName),
  caCertificate: optional.pipe(shape.caCertificate),
});

const usualPorts = { starttls: '587', tls: '465', none: '25' } as const;

type Properties = { readonly server: MailServerAnswer | null; readonly onForgotten: () => void };

/** MailServerForm sets the server, which another administrator may do at the same time. */
export function MailServerForm({ server, onForgotten }: Properties) {
  const { t } = useTranslation();
  const thing = useMemo(() => ({ server }), [server]);
  const words = (now: MailServerAnswer | null) =>
    now === null
      ? t('mail.isNone')
      : [`${now.host}:${String(now.port)}`, t(`mail.securities.${now.security}`), now.username, now.senderName, now.senderAddress]
          .filter((each) => each !== null)
          .join(', ');
  return (
    <Edited
      thing={thing}
      read={async () => await call(mailRoutes.readSettings)}
      fields={{ server: { label: t('mail.server'), text: (now) => words(now.server) } }}
    >
      {(base, save) => <MailServerFields server={base.server} onForgotten={onForgotten} save={save} />}
    </Edited>
  );
}

/** The password that is kept is never shown; an empty field leaves it as it is. */
function MailServerFields({ server, onForgotten, save }: Properties & { readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [saved, setSaved] = useState<object | undefined>(undefined);
  const [isRemoving, setRemoving] = useState(false);
  const refresh = async () =>
    await Promise.all(
      [mailRoutes.readSettings, mailRoutes.list, webSessionRoutes.read].map(
        async ({ path }) => await client.invalidateQueries({ queryKey: [path] }),
      ),
    );
  const form = useContractForm({
    schema: asked,
    initial: {
      host: server?.host ?? '',
      port: String(server?.port ?? usualPorts.starttls),
      security: server?.security ?? 'starttls',
      username: server?.username ?? '',
      password: '',
      senderAddress: server?.senderAddress ?? '',
      senderName: server?.senderName ?? '',
      caCertificate: server?.caCertificate ?? '',
    },
    labels: {
      host: t('mail.host'),
      port: t('mail.port'),
      security: t('mail.security'),
      username: t('mail.username'),
      password: t('mail.password'),
      senderAddress: t('mail.senderAddress'),
      senderName: t('mail.senderName'),
      caCertificate: t('mail.caCertificate'),
    },
    submit: async ({ password, ...body }) => {
      const kept = password === '' && body.username !== undefined ? {} : { password: password === '' ? null : password };
      // All of it is written at once, so all of it is what another one changed.
      const asWritten = { server: { ...body, ...kept } };
      const outcome = await save(asWritten, async () => await call(mailRoutes.writeSettings, { body: asWritten.server }));
      if (outcome === 'told') return;
      form.set('password', '');
      setSaved({ ...form.values, password: '' });
      await refresh();
    },
  });
  const {
    host,
    port: portField,
    security,
    username,
    password,
    senderAddress,
    senderName,
    caCertificate,
  } = {
    host: form.field('host'),
    port: form.field('port'),
    security: form.field('security'),
    username: form.field('username'),
    password: form.field('password'),
    senderAddress: form.field('senderAddress'),
    senderName: form.field('senderName'),
    caCertificate: form.field('caCertificate'),
  };
  const isSaved = saved !== undefined && JSON.stringify(saved) === JSON.stringify(form.values);
  return (
    <form {...form.form} className={classes.form}>
      {server === null && <Text size="sm">{t('mail.none')}</Text>}
      <div className={classes.beside}>
        <TextInput {...host} placeholder="smtp.example.com" autoComplete="off" spellCheck={false} />
        <TextInput {...portField} inputMode="numeric" autoComplete="off" />
        <NativeSelect
          {...security}
          data={mailSecurities.map((value) => ({ value, label: t(`mail.securities.${value}`) }))}
          onChange={(event) => {
            const wanted = mailSecurities.find((each) => each === event.currentTarget.value) ?? 'starttls';
            // Who has typed a port of their own keeps it.
            if (form.values.port === usualPorts[form.values.security]) form.set('port', usualPorts[wanted]);
            form.set('security', wanted);
          }}
        />
      </div>
      <div className={classes.half}>
        <TextInput {...username} description={t('mail.usernameHelp')} autoComplete="off" spellCheck={false} />
        <PasswordInput
          {...password}
          description={server?.hasPassword === true ? t('mail.passwordKept') : t('mail.passwordHelp')}
          autoComplete="new-password"
        />
      </div>
      <div className={classes.half}>
        <TextInput
          {...senderAddress}
          description={t('mail.senderAddressHelp')}
          placeholder="causeway@example.com"
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput {...senderName} description={t('mail.senderNameHelp')} autoComplete="off" />
      </div>
      <Textarea
        {...caCertificate}
        description={t('mail.caCertificateHelp')}
        placeholder="-----BEGIN CERTIFICATE-----"
        rows={3}
        spellCheck={false}
      />
      <FormFailure failure={form.failure} />
      <div className={classes.buttons}>
        <Button type="submit" loading={form.isSending}>
          {t('settings.save')}
        </Button>
        {server !== null && (
          <Button variant="default" onClick={() => setRemoving(true)}>
            {t('mail.forget')}
          </Button>
        )}
        <SavedMark isSaved={isSaved} />
      </div>
      {isRemoving && (
        <Confirm
          title={t('mail.forgetTitle')}
          verb={t('mail.forget')}
          act={async () => {
            await call(mailRoutes.removeSettings);
            await refresh();
            onForgotten();
          }}
          onClose={() => setRemoving(false)}
        >
          <Text>{t('mail.forgetText')}</Text>
        </Confirm>
      )}
    </form>
  );
}
