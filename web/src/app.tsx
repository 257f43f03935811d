import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useMemo } from 'react';
import { makeRouter } from './router.tsx';
import { makeTheme } from './theme.ts';

const defaultAccent = '#2f6f5e';

/** The whole app. `accent` is undefined when the panel did not answer. */
export function App({
  queryClient,
  accent,
}: {
  queryClient: QueryClient;
  accent: string | undefined;
}) {
  const router = useMemo(() => makeRouter(queryClient), [queryClient]);
  const theme = useMemo(() => makeTheme(accent ?? defaultAccent), [accent]);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
      deduplicateInlineStyles
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="top-right" zIndex={1000} />
          <RouterProvider router={router} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** What the content security policy of this page lets styles in by. */
const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

// Dialogs keep the page from scrolling by a style element of their own, which asks for it here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
