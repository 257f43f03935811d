import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFocusBack } from './kit/focus-back.ts';
import { Notices } from './kit/notices.tsx';
import { makeRouter } from './router.tsx';
import { sessionQuery } from './session.ts';
import { makeTheme } from './theme.ts';

const defaultAccent = '#2f6f5e';

/** The whole app. */
export function App({ queryClient }: { queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <Themed queryClient={queryClient} />
    </QueryClientProvider>
  );
}

/** In the operator's accent colour, which follows their settings, and the reader's language. */
function Themed({ queryClient }: { queryClient: QueryClient }) {
  useFocusBack();
  const router = useMemo(() => makeRouter(queryClient), [queryClient]);
  // The panel may not have answered.
  const { data } = useQuery({ ...sessionQuery, enabled: false });
  const accent = data?.panel.accent ?? defaultAccent;
  const close = useTranslation().t('states.close');
  const theme = useMemo(() => makeTheme(accent, close), [accent, close]);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
      deduplicateInlineStyles
    >
      <Notices />
      <RouterProvider router={router} />
    </MantineProvider>
  );
}

/** What the content security policy of this page lets styles in by. */
const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

// Dialogs keep the page from scrolling by a style element of their own, which asks for it here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
