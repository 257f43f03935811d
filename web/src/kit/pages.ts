import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

type PageOf<Row> = { rows: Row[]; next: string | null };

/**
 * A keyset-paged list of the server, page after page, in the form `DataList` takes. `fetchPage`
 * gets the cursor of the page before; undefined for the first. `refetchInterval` in milliseconds.
 */
export function usePages<Row>(
  queryKey: QueryKey,
  fetchPage: (cursor: string | undefined) => Promise<PageOf<Row>>,
  options: { refetchInterval?: number } = {},
) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    ...options,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.rows),
    error: query.error,
    onRetry: () => void query.refetch(),
    onMore: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    isMoreLoading: query.isFetchingNextPage,
  };
}
