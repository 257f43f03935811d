import { Box, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { contrastMin, type Look, lookOf, type Scheme } from './contrast.ts';

const schemes: readonly Scheme[] = ['light', 'dark'];

/** How an accent colour comes out in both schemes, and whether it can be read. */
export function AccentPreview({ accent }: { accent: string }) {
  const { t } = useTranslation('admin');
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} aria-label={t('settings.looks.preview')} role="group">
      {schemes.map((scheme) => {
        const look = lookOf(accent, scheme);
        return look && <Preview key={scheme} scheme={scheme} look={look} />;
      })}
    </SimpleGrid>
  );
}

function Preview({ scheme, look }: { scheme: Scheme; look: Look }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const round = (value: number) => format.number(value.toFixed(1));
  const isFine = Math.min(look.buttonRatio, look.linkRatio) >= contrastMin;
  return (
    <Stack gap={6}>
      <Text size="xs" c="dimmed">
        {t(`settings.looks.${scheme}`)}
      </Text>
      <Paper withBorder p="md" style={{ background: look.surface }} aria-hidden>
        <Group gap="md">
          <Box
            px="md"
            py={6}
            fz="sm"
            fw={600}
            style={{ background: look.button, color: look.buttonText, borderRadius: 8 }}
          >
            {t('settings.looks.button')}
          </Box>
          <Box fz="sm" td="underline" style={{ color: look.link }}>
            {t('settings.looks.link')}
          </Box>
        </Group>
      </Paper>
      <Text size="xs" c="dimmed">
        {t('settings.looks.ratio', {
          button: round(look.buttonRatio),
          link: round(look.linkRatio),
        })}
      </Text>
      <Text size="xs" className={isFine ? '' : 'loss'} fw={isFine ? 400 : 600}>
        {t(isFine ? 'settings.looks.fine' : 'settings.looks.poor')}
      </Text>
    </Stack>
  );
}
