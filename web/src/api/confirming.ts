/** What the panel asks for to be sure who it is. */
export type Proof = 'password' | 'code';

/** Asks the reader; answers whether they have said who they are. */
type Asker = (proof: Proof) => Promise<boolean>;

let asker: Asker | undefined;
let asking: Promise<boolean> | undefined;

/** Names who asks the reader, while a page has a place for it. @returns takes it away again */
export function setAsker(ask: Asker): () => void {
  asker = ask;
  return () => {
    if (asker === ask) asker = undefined;
  };
}

/**
 * `fetch` for what may move money: where the panel wants to be told first who it is, the reader is
 * asked, and the same is sent again. One question at a time, however many calls wait for it.
 */
export const fetchConfirming: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const proof = await readWanted(answer);
  if (proof === undefined || asker === undefined) return answer;
  asking ??= asker(proof).finally(() => {
    asking = undefined;
  });
  return (await asking) ? fetch(input, init) : answer;
};

async function readWanted(answer: Response): Promise<Proof | undefined> {
  if (answer.status !== 403) return undefined;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  const { code, detail } = (body as { error?: { code?: string; detail?: string } })?.error ?? {};
  if (code !== 'confirm_first') return undefined;
  return detail === 'code' ? 'code' : 'password';
}
