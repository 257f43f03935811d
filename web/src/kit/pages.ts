import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useShowProblem } from './problems.ts';

type PageOf<Row> = { rows: Row[]; next: string | null };

/**
 * A keyset-paged list of the server, page after page, in the form `DataList` takes. `fetchPage`
 * gets the cursor of the page before; undefined for the first. `refetchInterval` in milliseconds.
 * A further page that does not come is told in the corner, and the list stays.
 */
export function usePages<Row>(
  queryKey: QueryKey,
  fetchPage: (cursor: string | undefined) => Promise<PageOf<Row>>,
  options: { refetchInterval?: number } = {},
) {
  const showProblem = useShowProblem();
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    ...options,
  });
  const fetchMore = async () => {
    const { isFetchNextPageError, error } = await query.fetchNextPage();
    if (isFetchNextPageError) showProblem(error);
  };
  return {
    rows: query.data?.pages.flatMap((page) => page.rows),
    error: query.error,
    onRetry: () => void query.refetch(),
    onMore: query.hasNextPage ? () => void fetchMore() : undefined,
    isMoreLoading: query.isFetchingNextPage,
  };
}
