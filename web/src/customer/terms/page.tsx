import { Text } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { NotFound } from '../../kit/not-found.tsx';
import { useOwnWords } from '../../kit/own-words.ts';
import { Page } from '../../kit/page.tsx';
import { Section } from '../../kit/section.tsx';
import { usePanel } from '../../session.ts';

const termsQuery = queryOptions({
  queryKey: ['terms'],
  queryFn: () => call(customerApi.terms.$get()),
});

/** What who signs up agrees to, for everybody. */
export default function TermsPage() {
  const { panel } = usePanel();
  return panel.hasTerms ? <Terms /> : <NotFound />;
}

function Terms() {
  const { t } = useTranslation();
  const wordsOf = useOwnWords();
  const terms = useQuery(termsQuery);
  return (
    <Page title={t('signIn.termsTitle')}>
      <Loaded query={terms}>
        {({ text, textZh }) => (
          <Section>
            <Text className="long" style={{ whiteSpace: 'pre-line' }} maw={720} lh={1.65}>
              {wordsOf(text, textZh)}
            </Text>
          </Section>
        )}
      </Loaded>
    </Page>
  );
}
