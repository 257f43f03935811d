import { Box } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import classes from './catalog.module.css';
import { type RowsProps, rowsAtOnce, ServiceRows } from './service-rows.tsx';

const rowPixels = { wide: 60, narrow: 150 };

/**
 * Rows that are there while they are near the screen: with all open there may be thousands, each of
 * which listens to what is dragged. What is written in, or dragged, stays.
 */
export function LazyRows(props: RowsProps) {
  const { services, isWide } = props;
  const [count, setCount] = useState(rowsAtOnce);
  const [isDrawn, setDrawn] = useState(false);
  const guess = Math.min(services.length, count) * (isWide ? rowPixels.wide : rowPixels.narrow);
  // What was measured holds for as many rows of the same kind.
  const kind = `${services.length} ${isWide}`;
  const measured = useRef({ kind: '', height: 0 });
  const height = measured.current.kind === kind ? measured.current.height : guess;
  const { ref, entry } = useIntersection<HTMLDivElement>({ rootMargin: '1000px' });
  useEffect(() => {
    if (entry === null) return;
    const { isIntersecting, target, boundingClientRect } = entry;
    if (!isIntersecting && isBusy(target)) return;
    if (!isIntersecting) measured.current = { kind, height: boundingClientRect.height };
    setDrawn(isIntersecting);
  }, [entry, kind]);
  return (
    <Box ref={ref} {...(!isDrawn && { h: height })}>
      {isDrawn && <ServiceRows {...props} count={count} onCount={setCount} />}
    </Box>
  );
}

function isBusy(rows: Element): boolean {
  const dragged = classes.dragged && rows.querySelector(`.${classes.dragged}`);
  return rows.contains(document.activeElement) || Boolean(dragged);
}
