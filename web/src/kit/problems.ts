import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client.ts';
import { formatMoment } from '../format.ts';
import { sessionQuery } from '../session.ts';

type Refusal = { code: string; detail: string };

/**
 * Says in the reader's language why the panel refused, by the refusal's code. It waits for no
 * session: that may be what could not be read.
 */
export function useRefusal(): (refusal: Refusal, otherwise?: string) => string {
  const { t, i18n } = useTranslation();
  const queryClient = useQueryClient();
  return ({ code, detail }, otherwise = code) => {
    const key = `problems.${code}`;
    if (code === 'refill_too_early') {
      const customer = queryClient.getQueryData(sessionQuery.queryKey)?.signedIn?.customer;
      const at = formatMoment(i18n.language, detail, customer?.timeZone ?? undefined);
      return t(`problems.${code}`, { at });
    }
    // Codes come from the server; the app has words for those it knows.
    return i18n.exists(key) ? String(t(key as never, { detail })) : otherwise;
  };
}

/** Says in the reader's language why something was refused. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  const textOf = useRefusal();
  return (error) =>
    error instanceof Problem ? textOf(saying(error), error.message) : t('problems.failed');
}

/** Input is refused for a field, or for a reason that only the message tells. */
function saying({ code, detail, message }: Problem): Refusal {
  return { code, detail: code === 'invalid_input' && detail === '' ? message : detail };
}

/** Shows a refusal in the corner: for actions that have no form to write it into. */
export function useShowProblem(): (error: unknown) => void {
  const textOf = useProblemText();
  return (error) => {
    notifications.show({ color: 'red', message: textOf(error), autoClose: 8_000 });
  };
}

/** Says in the corner that something was done. */
export function showDone(message: string): void {
  notifications.show({ color: 'accent', message });
}
