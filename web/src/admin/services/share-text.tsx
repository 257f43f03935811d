import { Text } from '@mantine/core';
import { useFormat } from '../../format.ts';
import { parseDecimal } from '../../money.ts';

const shareUnits = 10_000n;

/** By what part of itself a price changes; undefined from nothing. */
export function changeOf(before: string, after: string): number | undefined {
  const [from, to] = [parseDecimal(before), parseDecimal(after)];
  if (from === undefined || to === undefined || from === 0n) return undefined;
  return Number(((to - from) * shareUnits) / from) / Number(shareUnits);
}

/** A change in percent with its sign, so that colour is not all that tells up from down. */
export function ShareText({ share }: { share: number | undefined }) {
  const format = useFormat();
  if (share === undefined) return null;
  return (
    <Text span size="xs" c="dimmed" className="figures">
      {share > 0 ? '+' : ''}
      {format.percent(share)}
    </Text>
  );
}
