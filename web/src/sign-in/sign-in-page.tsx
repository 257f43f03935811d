import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useOwnWords } from '../kit/own-words.ts';
import { usePanel } from '../session.ts';
import { SignInCard } from './card.tsx';
import { useFinishSignIn } from './finish.ts';
import { PasswordForm } from './password-form.tsx';

// Most have no second factor.
const CodeForm = lazy(() => import('./code-form.tsx'));

/** Signing in: password or passkey, then the second factor of who has one. */
export default function SignInPage() {
  const { t } = useTranslation();
  const { panel } = usePanel();
  const wordsOf = useOwnWords();
  const finish = useFinishSignIn();
  const [needsCode, setNeedsCode] = useState(false);
  if (needsCode) {
    return (
      <Suspense>
        <CodeForm onDone={finish} onBack={() => setNeedsCode(false)} />
      </Suspense>
    );
  }
  return (
    <SignInCard
      title={t('signIn.title')}
      text={wordsOf(panel.tagline, panel.taglineZh)}
      footer={
        panel.isSignUpOpen && (
          <>
            {t('signIn.noAccount')}{' '}
            <Anchor component={Link} to="/sign-up" underline="always">
              {t('signIn.signUp')}
            </Anchor>
          </>
        )
      }
    >
      <PasswordForm onDone={finish} onCode={() => setNeedsCode(true)} />
    </SignInCard>
  );
}
