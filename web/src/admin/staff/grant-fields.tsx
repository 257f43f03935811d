import { Checkbox, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { usePanel } from '../../session.ts';
import { type Area, areas, type Member } from './queries.ts';

/** `dailyLimit` as it is typed; empty: no limit. */
export type Grant = { areas: Area[]; dailyLimit: string };

type Props = {
  grant: Grant;
  onChange: (grant: Grant) => void;
  /** Who gives: nobody gives more than they have. */
  self: Member | undefined;
  /** What they had before may stay. */
  before?: Member;
};

/** What a member of staff may do, as far as the giver may give it. */
export function GrantFields({ grant, onChange, self, before }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { panel } = usePanel();
  const own = self?.dailyLimit ?? null;
  const hint = t('staff.limitHint', { currency: panel.currency });
  const mayGive = (area: Area) =>
    self?.areas.includes(area) === true || before?.areas.includes(area) === true;
  return (
    <Stack gap="md">
      <Checkbox.Group
        label={t('staff.areas')}
        description={t('staff.areasText')}
        value={grant.areas}
        onChange={(chosen) => onChange({ ...grant, areas: areas.filter(isIn(chosen)) })}
      >
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mt="sm">
          {areas.map((area) => (
            <Checkbox
              key={area}
              value={area}
              disabled={!mayGive(area)}
              label={t(`frame.pages.${area}`)}
              description={mayGive(area) ? t(`staff.about.${area}`) : t('staff.notYours')}
            />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      <TextInput
        label={t('staff.limit')}
        description={
          own === null ? hint : `${hint} ${t('staff.limitOwn', { limit: format.money(own) })}`
        }
        placeholder={t('staff.noLimit')}
        inputMode="decimal"
        maw={320}
        value={grant.dailyLimit}
        onChange={(event) => onChange({ ...grant, dailyLimit: event.currentTarget.value })}
      />
    </Stack>
  );
}

function isIn(chosen: readonly string[]): (area: Area) => boolean {
  return (area) => chosen.includes(area);
}

/** A limit as the panel takes it. */
export function toLimit({ dailyLimit }: Grant): string | null {
  const text = dailyLimit.trim();
  return text === '' ? null : text;
}
