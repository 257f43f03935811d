import { lazy, Suspense, useEffect, useState } from 'react';
import { listenForQuestions, type Question } from './questions.ts';

const QuestionDialog = lazy(() => import('./question-dialog.tsx'));

/** Where a frame shows what is asked; what draws it is fetched for the first question. */
export function QuestionPlace() {
  const [question, setQuestion] = useState<Question>();
  const [isOpen, setOpen] = useState(false);
  useEffect(
    () =>
      listenForQuestions((asked) => {
        setQuestion(asked);
        setOpen(true);
      }),
    [],
  );
  if (question === undefined) return null;
  return (
    <Suspense>
      <QuestionDialog question={question} isOpen={isOpen} onClose={() => setOpen(false)} />
    </Suspense>
  );
}
