import { ActionIcon } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../api/client.ts';
import { useShowProblem } from '../kit/problems.ts';
import { type Offer, offerQuery } from './services.ts';

type Props = { serviceId: number; name: string; isFavourite: boolean };

/** Keeps a service among the favourites; shown at once, taken back if the panel refuses. */
export function FavouriteButton({ serviceId, name, isFavourite }: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const { queryKey } = offerQuery;
  const changing = useMutation({
    mutationFn: (wanted: boolean) =>
      call(
        customerApi.favourites[':serviceId'].$put({
          param: { serviceId: String(serviceId) },
          json: { isFavourite: wanted },
        }),
      ),
    onMutate: async (wanted) => {
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData<Offer>(queryKey, (offer) => offer && mark(offer, serviceId, wanted));
    },
    onError: (error) => {
      showProblem(error);
      void queryClient.invalidateQueries({ queryKey });
    },
  });
  return (
    <ActionIcon
      variant="subtle"
      color={isFavourite ? 'yellow' : 'gray'}
      aria-pressed={isFavourite}
      aria-label={`${t(isFavourite ? 'newOrder.unfavourite' : 'newOrder.favourite')}: ${name}`}
      onClick={(event) => {
        event.stopPropagation();
        changing.mutate(!isFavourite);
      }}
    >
      {isFavourite ? <IconStarFilled size={18} /> : <IconStar size={18} />}
    </ActionIcon>
  );
}

function mark(offer: Offer, serviceId: number, isFavourite: boolean): Offer {
  const others = offer.favourites.filter((id) => id !== serviceId);
  return { ...offer, favourites: isFavourite ? [...others, serviceId] : others };
}
