import { Button, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useState } from 'react';
import { z } from 'zod';
import { isMailAddress, mailRoutes, plainMailAddress } from '../../../contract/api/mail.ts';
import type { AnswerOf } from '../../api/call.ts';
import { call } from '../../api/call.ts';
import { usePerson } from '../../app/session-context.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './settings.module.css';

const asked = z.object({ to: z.string().trim().pipe(plainMailAddress) });

/** MailTest sends a mail to who asks, by the server that is saved, and shows what the server says. */
export function MailTest() {
  const { t } = useTranslation();
  const { email } = usePerson();
  const hasAddress = isMailAddress(email);
  const [answer, setAnswer] = useState<AnswerOf<typeof mailRoutes.test> | undefined>(undefined);
  const form = useContractForm({
    schema: asked,
    initial: { to: hasAddress ? email : '' },
    labels: { to: t('mail.testTo') },
    submit: async ({ to }) => {
      setAnswer(undefined);
      setAnswer(await call(mailRoutes.test, { body: { to } }));
    },
  });
  return (
    <form {...form.form} className={classes.form}>
      {!hasAddress && <TextInput {...form.field('to')} description={t('mail.testToHelp')} spellCheck={false} />}
      <div className={classes.buttons}>
        <Button type="submit" variant="default" loading={form.isSending}>
          {t(hasAddress ? 'mail.test' : 'mail.testElsewhere')}
        </Button>
        <Text size="sm" c="dimmed">
          {t('mail.testHelp')}
        </Text>
      </div>
      <div role="status">
        {answer !== undefined && (
          <>
            <StateMark
              state={answer.isAccepted ? 'up' : 'down'}
              word={t(answer.isAccepted ? 'mail.testAccepted' : 'mail.testRefused', { to: answer.to })}
            />
            <Text size="sm">
              <bdi>{answer.answer}</bdi>
            </Text>
          </>
        )}
      </div>
      <FormFailure failure={form.failure} />
    </form>
  );
}
