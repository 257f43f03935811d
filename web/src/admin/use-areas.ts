import { usePanel } from '../session.ts';

/** Which permissions the member of staff has whose page this is. */
export function useAreas(): ReadonlySet<string> {
  const { signedIn } = usePanel();
  return new Set(signedIn?.staff?.areas);
}
