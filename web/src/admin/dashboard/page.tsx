import { Button } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../kit/page.tsx';
import { usePanel } from '../../session.ts';
import { FiguresOf } from './figures.tsx';
import { type Span, spans } from './queries.ts';
import { Work } from './work.tsx';

/** What waits for staff, and, for who sees payments, what the last days came to. */
export default function DashboardPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const { signedIn } = usePanel();
  const given: { days?: unknown } = useSearch({ strict: false });
  const days = spans.find((span) => span === String(given.days)) ?? '30';
  const seesFigures = signedIn?.staff?.areas.includes('payments') === true;
  const show = (next: Span) =>
    void navigate({ to: '/admin', search: { ...given, days: next }, resetScroll: false });
  return (
    <Page
      title={t('dashboard.title')}
      description={seesFigures ? t('dashboard.description') : undefined}
      actions={
        seesFigures && (
          <Button.Group aria-label={t('dashboard.span')}>
            {spans.map((span) => (
              <Button
                key={span}
                variant={span === days ? 'filled' : 'default'}
                size="xs"
                aria-pressed={span === days}
                onClick={() => show(span)}
              >
                {t(`dashboard.spans.${span}`)}
              </Button>
            ))}
          </Button.Group>
        )
      }
    >
      <Work />
      {seesFigures && <FiguresOf days={days} />}
    </Page>
  );
}
