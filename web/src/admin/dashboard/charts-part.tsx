import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../kit/loaded.tsx';
import { Charts } from './charts.tsx';
import { Part, Waiting } from './part.tsx';
import { daysOfQuery, type Figures, keyOf, type Span } from './queries.ts';

type Props = { figures: Figures; days: Span };

/** The charts: of all, or of what one provider, or staff, delivered. */
export function ChartsPart({ figures: { days: all, providers }, days }: Props) {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const { provider: given }: { provider?: unknown } = useSearch({ strict: false });
  const chosen = providers.map(keyOf).find((key) => key === String(given));
  const show = (key: string) =>
    void navigate({
      to: '/admin',
      search: { days, ...(key && { provider: key }) },
      resetScroll: false,
    });
  return (
    <Part
      title={t('dashboard.byDay')}
      actions={
        providers.length > 1 && (
          <NativeSelect
            aria-label={t('dashboard.provider')}
            value={chosen ?? ''}
            onChange={({ currentTarget }) => show(currentTarget.value)}
            data={[
              { value: '', label: t('dashboard.allProviders') },
              ...providers.map((row) => ({
                value: keyOf(row),
                label: row.name ?? t('dashboard.byStaff'),
              })),
            ]}
          />
        )
      }
    >
      {chosen === undefined ? (
        <Charts days={all} moneyIn={all} />
      ) : (
        <ChartsOf provider={chosen} days={days} />
      )}
    </Part>
  );
}

function ChartsOf({ provider, days }: { provider: string; days: Span }) {
  const query = useQuery(daysOfQuery(days, provider));
  return (
    <Loaded query={query} waiting={<Waiting heights={[320, 320, 320]} />}>
      {(data) => <Charts days={data.days} />}
    </Loaded>
  );
}
