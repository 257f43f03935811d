import { Badge, Button, Group, Text } from '@mantine/core';
import { IconPlus, IconShieldLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { MemberActions } from './actions.tsx';
import { AddForm, type Shown } from './add-form.tsx';
import { areas, type Member, staffQuery } from './queries.ts';

/** Who works for the panel. */
export default function StaffPage() {
  const { t } = useTranslation('admin');
  const staff = useQuery(staffQuery);
  const [isAdding, setAdding] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const self = staff.data?.members.find(({ id }) => id === staff.data.self);
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      disabled={staff.data === undefined}
      onClick={() => setAdding(true)}
    >
      {t('staff.add')}
    </Button>
  );
  return (
    <Page title={t('staff.title')} description={t('staff.description')} actions={add}>
      <MemberList
        members={staff.data?.members}
        self={self}
        error={staff.error}
        onRetry={() => void staff.refetch()}
        onShown={setShown}
      />
      {isAdding && (
        <AddForm
          self={self}
          onClose={() => setAdding(false)}
          onAdded={(added) => {
            setAdding(false);
            setShown(added);
          }}
        />
      )}
      <ShownOnce
        title={t('staff.shownTitle')}
        text={t('staff.shownText', { name: shown?.name ?? '' })}
        label={t('staff.shownLabel')}
        value={shown?.link}
        onClose={() => setShown(undefined)}
      />
    </Page>
  );
}

type ListProps = {
  members: readonly Member[] | undefined;
  self: Member | undefined;
  error: unknown;
  onRetry: () => void;
  onShown: (shown: Shown) => void;
};

function MemberList({ members, self, error, onRetry, onShown }: ListProps) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <DataList<Member>
      label={t('staff.title')}
      rows={members}
      keyOf={({ id }) => String(id)}
      error={error}
      onRetry={onRetry}
      empty={<EmptyState icon={IconShieldLock} title={t('staff.none')} />}
      columns={[
        {
          key: 'name',
          label: t('staff.name'),
          render: (member) => <Name member={member} isSelf={member.id === self?.id} />,
        },
        { key: 'areas', label: t('staff.areas'), render: (member) => <Areas member={member} /> },
        {
          key: 'limit',
          label: t('staff.limit'),
          isFigure: true,
          render: ({ dailyLimit }) =>
            dailyLimit === null ? t('staff.noLimit') : format.money(dailyLimit),
        },
        { key: 'signIn', label: t('staff.signIn'), render: (member) => <Login member={member} /> },
        {
          key: 'last',
          label: t('staff.lastSignIn'),
          render: ({ login }) =>
            login?.lastSignInAt ? format.ago(login.lastSignInAt) : t('staff.never'),
        },
        {
          key: 'actions',
          label: t('staff.actions'),
          isActions: true,
          render: (member) => <MemberActions member={member} self={self} onShown={onShown} />,
        },
      ]}
    />
  );
}

function Name({ member, isSelf }: { member: Member; isSelf: boolean }) {
  const { t } = useTranslation('admin');
  return (
    <>
      <Group gap="xs">
        <Text fw={600} size="sm">
          {member.name}
        </Text>
        {isSelf && (
          <Badge color="teal" tt="none" className="status">
            {t('staff.you')}
          </Badge>
        )}
        {member.status === 'suspended' && (
          <Badge color="red" tt="none" className="status">
            {t('staff.suspended')}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" className="long">
        {member.login?.email}
      </Text>
    </>
  );
}

function Areas({ member }: { member: Member }) {
  const { t } = useTranslation('admin');
  if (member.areas.length === areas.length) return t('staff.all');
  if (member.areas.length === 0) return t('staff.none');
  return areas
    .filter((area) => member.areas.includes(area))
    .map((area) => t(`frame.pages.${area}`))
    .join(', ');
}

function Login({ member: { login } }: { member: Member }) {
  const { t } = useTranslation('admin');
  if (login === null) return t('staff.noLogin');
  if (!login.hasPassword && login.passkeys === 0) return t('staff.invited');
  const factors = [
    ...(login.hasTwoFactor ? [t('staff.totp')] : []),
    ...(login.passkeys > 0 ? [t('staff.passkeys')] : []),
  ];
  return factors.length === 0 ? t('staff.noFactor') : factors.join(', ');
}
