import { Alert, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../../kit/copy-field.tsx';
import { PasswordField } from '../../kit/password-field.tsx';
import { type MethodFormOf, secretsOf } from './method-values.ts';
import type { Method } from './queries.ts';

/** How customers pay by hand, in both languages. */
export function InstructionFields({ form }: { form: MethodFormOf }) {
  const { t } = useTranslation('admin');
  const shared = { autosize: true, minRows: 3, maxRows: 10, maxLength: 5_000 };
  return (
    <>
      <Textarea
        {...shared}
        label={t('payments.instructions')}
        description={t('payments.instructionsHint')}
        {...form.getInputProps('instructions')}
      />
      <Textarea
        {...shared}
        label={t('payments.instructionsZh')}
        description={t('payments.instructionsZhHint')}
        lang="zh-CN"
        {...form.getInputProps('instructionsZh')}
      />
    </>
  );
}

/** What a gateway needs to know of the panel, and the panel of the gateway. */
export function GatewayFields({ form, method }: { form: MethodFormOf; method: Method | null }) {
  const { t } = useTranslation('admin');
  const { kind } = form.values;
  if (kind === 'manual') return null;
  return (
    <Stack gap="md">
      {secretsOf[kind].map((name) => {
        const isStored = method?.secrets.includes(name) === true;
        const Field = name === 'payUrl' ? TextInput : PasswordField;
        return (
          <Field
            key={name}
            label={t(`payments.secrets.${name}`)}
            description={t(`payments.secretHints.${name}`)}
            placeholder={isStored ? t('payments.stored') : ''}
            autoComplete="off"
            maxLength={500}
            {...form.getInputProps(`secrets.${name}`)}
            value={form.values.secrets[name] ?? ''}
          />
        );
      })}
      {method?.webhookUrl == null ? (
        <Alert icon={<IconInfoCircle aria-hidden />} color="blue">
          <Text size="sm">{t('payments.webhookLater')}</Text>
        </Alert>
      ) : (
        <Stack gap={4}>
          <CopyField label={t('payments.webhookUrl')} value={method.webhookUrl} />
          <Text size="xs" c="dimmed">
            {t(`payments.webhookHints.${kind}`)}
          </Text>
        </Stack>
      )}
    </Stack>
  );
}
