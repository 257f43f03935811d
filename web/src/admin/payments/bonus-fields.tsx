import { ActionIcon, Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../../session.ts';
import type { MethodFormOf } from './method-values.ts';

const tiersMax = 10;

/** What customers get on top, from which amounts on. */
export function BonusFields({ form }: { form: MethodFormOf }) {
  const { t } = useTranslation('admin');
  const { panel } = usePanel();
  const tiers = form.values.bonusTiers;
  return (
    <Fieldset legend={t('payments.bonus')}>
      <Stack gap="sm">
        {tiers.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('payments.noBonus')}
          </Text>
        )}
        {tiers.map((_, place) => (
          <Group key={place} gap="sm" align="flex-start" wrap="nowrap">
            <TextInput
              flex={1}
              label={t('payments.bonusFrom', { currency: panel.currency })}
              inputMode="decimal"
              {...form.getInputProps(`bonusTiers.${place}.from`)}
            />
            <TextInput
              flex={1}
              label={t('payments.bonusPercent')}
              inputMode="decimal"
              {...form.getInputProps(`bonusTiers.${place}.percent`)}
            />
            <ActionIcon
              variant="default"
              size={36}
              mt={25}
              aria-label={t('payments.removeBonus', { place: place + 1 })}
              onClick={() => form.removeListItem('bonusTiers', place)}
            >
              <IconTrash size={18} stroke={1.7} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {tiers.length < tiersMax && (
          <Group>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => form.insertListItem('bonusTiers', { from: '', percent: '' })}
            >
              {t('payments.addBonus')}
            </Button>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}
