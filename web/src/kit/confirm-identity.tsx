import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { type Proof, setAsker } from '../api/confirming.ts';

const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx'));

type Asked = { proof: Proof; answer: (isConfirmed: boolean) => void };

/**
 * Where the password, or the code, is asked for before money moves or a passkey is made. A frame
 * has one; the call that was refused goes on once it is answered. What draws it is fetched for the
 * first question.
 */
export function ConfirmIdentity() {
  const [asked, setAsked] = useState<Asked>();
  const [isNeeded, setNeeded] = useState(false);
  const current = useRef<Asked>(undefined);
  current.current = asked;
  useEffect(() => {
    const forget = setAsker(
      (proof) =>
        new Promise((resolve) => {
          setNeeded(true);
          setAsked({ proof, answer: resolve });
        }),
    );
    return () => {
      forget();
      current.current?.answer(false);
    };
  }, []);
  const close = (isConfirmed: boolean) => {
    asked?.answer(isConfirmed);
    setAsked(undefined);
  };
  if (!isNeeded) return null;
  return (
    <Suspense>
      <ConfirmDialog proof={asked?.proof} onClose={close} />
    </Suspense>
  );
}
