import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { Facts } from '../../kit/facts.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { useShowProblem } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { Section } from '../../kit/section.tsx';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';
import { ShownLink } from './shown-link.tsx';

const one = adminApi.customers[':customerId'];

/** Who signs in for a customer; a link for who lost the password, or an invitation. */
export function Login({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const [link, setLink] = useState<string>();
  return (
    <Section title={t('customers.login')}>
      {customer.login === null ? (
        <Invite customer={customer} onLink={setLink} />
      ) : (
        <Known customer={customer} login={customer.login} onLink={setLink} />
      )}
      <ShownLink value={link} onClose={() => setLink(undefined)} />
    </Section>
  );
}

type Props = { customer: Customer; onLink: (link: string) => void };

function Known({ customer, login, onLink }: Props & { login: NonNullable<Customer['login']> }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  const yesOrNo = (is: boolean) => words(is ? 'states.yes' : 'states.no');
  const making = useMutation({
    mutationFn: () => call(one['password-link'].$post(paramOf(customer.id))),
    onSuccess: ({ link }) => onLink(link),
    onError: useShowProblem(),
  });
  const ask = () =>
    askFirst({
      title: t('customers.passwordLink'),
      children: <Text size="sm">{t('customers.passwordLinkText', { email: login.email })}</Text>,
      labels: { confirm: t('customers.makeLink'), cancel: words('states.cancel') },
      onConfirm: () => making.mutate(),
    });
  const { lastSignInAt } = login;
  return (
    <Stack gap="md">
      <Facts
        label={t('customers.login')}
        facts={[
          [t('customers.email'), login.email],
          [t('customers.confirmed'), yesOrNo(login.isEmailConfirmed)],
          [t('customers.hasPassword'), yesOrNo(login.hasPassword)],
          [t('customers.twoFactor'), yesOrNo(login.hasTwoFactor)],
          [t('customers.sessions'), format.number(login.sessions)],
          [t('customers.lastSignIn'), lastSignInAt === null ? '–' : format.moment(lastSignInAt)],
        ]}
      />
      <Group>
        <Button variant="default" loading={making.isPending} onClick={ask}>
          {t('customers.passwordLink')}
        </Button>
      </Group>
    </Stack>
  );
}

function Invite({ customer, onLink }: Props) {
  const { t } = useTranslation('admin');
  const refresh = useRefreshCustomers();
  const [email, setEmail] = useState('');
  const inviting = useMutation({
    mutationFn: () => call(one.login.$post({ ...paramOf(customer.id), json: { email } })),
    onSuccess: ({ link }) => {
      onLink(link);
      refresh();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        inviting.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('customers.nobody')}
        </Text>
        <TextInput
          label={t('customers.email')}
          type="email"
          required
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <ProblemAlert error={inviting.error} />
        <Group>
          <Button type="submit" variant="default" loading={inviting.isPending}>
            {t('customers.invite')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
