import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { Problem } from './api/client.ts';
import { App } from './app.tsx';
import { pickLanguage, startTexts } from './i18n.ts';
import { sessionQuery } from './session.ts';

const retriesMax = 2;
/** A session may end elsewhere: the first call that is refused for it has it looked at. */
const noticeEnd = (error: Error) => {
  if (!(error instanceof Problem) || error.code !== 'not_signed_in') return;
  void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
};
const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  mutationCache: new MutationCache({ onError: noticeEnd }),
  defaultOptions: {
    queries: {
      // A refusal stays one; only an answer that did not come is asked for again.
      retry: (count, error) =>
        count < retriesMax && error instanceof Problem && error.code === 'unreachable',
      staleTime: 15_000,
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');

const session = await queryClient.fetchQuery(sessionQuery).catch(() => undefined);
await startTexts(
  pickLanguage(session?.panel.languages ?? ['en'], session?.signedIn?.customer?.language),
);
createRoot(root).render(<App queryClient={queryClient} />);
