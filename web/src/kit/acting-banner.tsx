import { Alert, Button, Group, Text } from '@mantine/core';
import { IconUserShield } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { accountApi, call } from '../api/client.ts';
import { usePanel } from '../session.ts';
import { useShowProblem } from './problems.ts';

const storageKey = 'panelwright.acting-from';

/** Goes to the customer's pages as them, keeping where to come back to. */
export function enterActing(): void {
  const { pathname, search } = location;
  sessionStorage.setItem(storageKey, pathname + search);
  // All that was read so far was read as somebody else.
  location.assign('/');
}

/** Says to staff that these are a customer's pages, and leads them back. Nothing for others. */
export function ActingBanner() {
  const { t } = useTranslation();
  const { signedIn } = usePanel();
  const showProblem = useShowProblem();
  const customer = signedIn?.customer;
  const stopping = useMutation({
    mutationFn: () => call(accountApi['stop-acting'].$post()),
    onSuccess: () => {
      const from = sessionStorage.getItem(storageKey);
      sessionStorage.removeItem(storageKey);
      location.assign(from?.startsWith('/admin') ? from : `/admin/customers/${customer?.id}`);
    },
    onError: showProblem,
  });
  if (signedIn?.isActing !== true || customer == null) return null;
  return (
    <Alert color="yellow" p="sm" role="status">
      <Group justify="space-between" gap="sm">
        <Group gap="sm" wrap="nowrap" miw={0} flex="1 1 260px">
          <IconUserShield size={20} stroke={1.7} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" className="long">
            {t('acting.text', { name: customer.name, id: customer.id })}
          </Text>
        </Group>
        <Button
          color="dark"
          size="compact-md"
          loading={stopping.isPending}
          onClick={() => stopping.mutate()}
        >
          {t('acting.stop')}
        </Button>
      </Group>
    </Alert>
  );
}
