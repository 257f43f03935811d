/** How a process ends that was told to stop before it was done. */
export const interruptedExitCode = 130;
/**
 * One Ctrl-C may arrive more than once: from the terminal, and again from npm, which passes on what
 * its child has already got. Only a later signal means "at once".
 */
const sameSignalMs = 1_000;

/**
 * Calls `stop` at the first Ctrl-C or what means the same; a second one ends the process at once.
 * @returns stops listening
 */
export function onStopSignal(stop: () => void): () => void {
  let firstMs: number | undefined;
  const onSignal = () => {
    if (firstMs === undefined) stop();
    firstMs ??= performance.now();
    if (performance.now() - firstMs > sameSignalMs) process.exit(interruptedExitCode);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}
