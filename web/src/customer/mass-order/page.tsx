import { Anchor, Button, Code, Group, Stack, Text, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Page } from '../../kit/page.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { Section } from '../../kit/section.tsx';
import { CheckedLines } from './checked-lines.tsx';
import { linesOf } from './lines.ts';
import { PlacedLines } from './placed-lines.tsx';
import { useMassOrder } from './use-mass-order.ts';

/** The server takes no more at once. */
const linesMax = 1_000;

/** Many orders from lines of text, each checked before anything is charged. */
export default function MassOrderPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const order = useMassOrder();
  const count = linesOf(order.text).length;
  const isTooLong = count > linesMax;
  return (
    <Page title={t('massOrder.title')} description={t('massOrder.description')}>
      <Section>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            order.check();
          }}
        >
          <Stack gap="md">
            <Textarea
              label={t('massOrder.lines')}
              description={
                <>
                  {t('massOrder.form')} <Code>{t('massOrder.pattern')}</Code>
                </>
              }
              placeholder={
                '12 | 1000 | https://example.com/post\n15 | 250 | https://example.com/me'
              }
              value={order.text}
              onChange={(event) => order.write(event.currentTarget.value)}
              error={isTooLong && t('massOrder.tooMany', { max: format.number(linesMax) })}
              autosize
              minRows={8}
              maxRows={20}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
              spellCheck={false}
            />
            <Text size="xs" c="dimmed">
              {t('massOrder.hint')}
            </Text>
            <ProblemAlert error={order.error} />
            <Group justify="space-between">
              <Button
                type="submit"
                variant={order.checked ? 'default' : 'filled'}
                loading={order.isChecking}
                disabled={count === 0 || isTooLong || order.isPlacing}
              >
                {count === 0 ? t('massOrder.check') : t('massOrder.checkCount', { count })}
              </Button>
              <Anchor component={Link} to="/services" size="sm">
                {t('massOrder.findNumbers')}
              </Anchor>
            </Group>
          </Stack>
        </form>
      </Section>
      {order.checked && (
        <CheckedLines checked={order.checked} isPlacing={order.isPlacing} onPlace={order.place} />
      )}
      {order.placed.length > 0 && <PlacedLines lines={order.placed} />}
    </Page>
  );
}
