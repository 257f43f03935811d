import type { ReactNode } from 'react';

/** What is asked before something is done. */
export type Question = {
  title: string;
  children: ReactNode;
  labels: { confirm: string; cancel: string };
  confirmProps?: { color?: string };
  onConfirm: () => void;
};

type Listener = (question: Question) => void;

let listener: Listener | undefined;

/** Asks the reader in a dialog, and goes on only if they say so. */
export function askFirst(question: Question): void {
  listener?.(question);
}

/** Names what shows the questions, while a frame has a place for them. @returns takes it away */
export function listenForQuestions(show: Listener): () => void {
  listener = show;
  return () => {
    if (listener === show) listener = undefined;
  };
}
