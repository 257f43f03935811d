import { Button, Center, Code, Image, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { toDataURL } from 'qrcode';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../kit/copy-field.tsx';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { askSignIn } from '../sign-in/auth.ts';

/** What an authenticator app is set up with, and what replaces it once it is lost. */
export type Enrolment = { totpURI: string; backupCodes: string[] };

const pictureSize = 220;
/** White around the code, in its modules: scanners need it, above all on a dark page. */
const quietZone = 4;

/** The app is set up and proved by a code; then the backup codes are shown, this once. */
export function TwoFactorSteps({
  enrolment,
  onDone,
}: {
  enrolment: Enrolment;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [isProved, setProved] = useState(false);
  if (!isProved) return <Prove uri={enrolment.totpURI} onDone={() => setProved(true)} />;
  return (
    <Stack gap="md">
      <Text fw={600}>{t('account.backup')}</Text>
      <Text size="sm">{t('account.backupText')}</Text>
      <SimpleGrid cols={2} spacing="xs">
        {enrolment.backupCodes.map((code) => (
          <Code key={code} fz="sm" ta="center">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Button onClick={onDone}>{t('account.backupDone')}</Button>
    </Stack>
  );
}

function Prove({ uri, onDone }: { uri: string; onDone: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  // What had the focus before is gone.
  useEffect(() => field.current?.focus(), []);
  const picture = useQuery({
    queryKey: ['qr', uri],
    queryFn: () => toDataURL(uri, { width: pictureSize * 2, margin: quietZone }),
    gcTime: 0,
  });
  const proving = useMutation({
    mutationFn: () => askSignIn('two-factor/verify-totp', { code: code.trim() }),
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        proving.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('account.scan')}</Text>
        <Center h={pictureSize}>
          {picture.data && <Image src={picture.data} alt="" w={pictureSize} h={pictureSize} />}
        </Center>
        <CopyField
          label={t('account.secret')}
          value={new URL(uri).searchParams.get('secret') ?? ''}
        />
        <TextInput
          label={t('account.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          ref={field}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <ProblemAlert error={proving.error} />
        <Button type="submit" loading={proving.isPending}>
          {t('account.confirm')}
        </Button>
      </Stack>
    </form>
  );
}
