import { Box } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { type RowsProps, rowsAtOnce, ServiceRows } from './service-rows.tsx';

const rowPixels = { wide: 60, narrow: 150 };

/** Rows that are drawn when they come near the screen: with all open there may be thousands. */
export function LazyRows(props: RowsProps) {
  const [isDrawn, setDrawn] = useState(false);
  if (isDrawn) return <ServiceRows {...props} />;
  const { services, isWide } = props;
  const count = Math.min(services.length, rowsAtOnce);
  const height = count * (isWide ? rowPixels.wide : rowPixels.narrow);
  return <Ahead height={height} onNear={() => setDrawn(true)} />;
}

function Ahead({ height, onNear }: { height: number; onNear: () => void }) {
  const { ref, entry } = useIntersection({ rootMargin: '400px' });
  const isNear = entry?.isIntersecting === true;
  useEffect(() => {
    if (isNear) onNear();
  });
  return <Box ref={ref} h={height} />;
}
