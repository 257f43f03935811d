import { useMutation, useQueryClient } from '@tanstack/react-query';
import { adminApi, call } from '../../api/client.ts';
import { useShowProblem } from '../../kit/problems.ts';
import { type Place, withCategoryAt, withServicesAt } from './place.ts';
import {
  type Catalog,
  catalogQuery,
  type ServiceChanges,
  servicesKey,
  updateService,
} from './queries.ts';

type Change = {
  /** What the table shows at once. */
  preview: (catalog: Catalog) => Catalog;
  run: () => Promise<unknown>;
};

/** Changes that show at once and are taken back when the panel refuses them. */
export function useCatalogChange() {
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const { queryKey } = catalogQuery;
  const { mutate } = useMutation({
    mutationFn: ({ run }: Change) => run(),
    onMutate: async ({ preview }) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      if (before !== undefined) queryClient.setQueryData(queryKey, preview(before));
      return { before };
    },
    onError: (error, _change, context) => {
      queryClient.setQueryData(queryKey, context?.before);
      showProblem(error);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: servicesKey }),
  });
  return mutate;
}

/** Moves of services and of categories. */
export function useMoves() {
  const change = useCatalogChange();
  return {
    moveServices: (serviceIds: number[], place: Place) =>
      change({
        preview: (catalog) => withServicesAt(catalog, serviceIds, place),
        run: () =>
          call(
            adminApi.services.move.$post({
              json: {
                serviceIds,
                category: { id: place.categoryId },
                beforeId: place.beforeId,
              },
            }),
          ),
      }),
    moveCategory: (id: number, beforeId: number | null) =>
      change({
        preview: (catalog) => withCategoryAt(catalog, id, beforeId),
        run: () =>
          call(
            adminApi.categories[':categoryId'].move.$post({
              param: { categoryId: String(id) },
              json: { beforeId },
            }),
          ),
      }),
  };
}

/** Saves fields of a service; rejects when the panel refuses them. */
export function useSaveService() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, changes }: { id: number; changes: ServiceChanges }) =>
      updateService(id, changes),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: servicesKey }),
  });
}
