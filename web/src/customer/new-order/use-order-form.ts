import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi, Problem } from '../../api/client.ts';
import { useProblemText } from '../../kit/problems.ts';
import type { Offer, OfferedService } from '../services.ts';
import { chargeOf, dripfeedFields, type FieldName, planOf, quantityOf } from './draft.ts';

/** What "order again" fills in: the service, and its fields by name. */
export type Again = { service?: number; link?: string; quantity?: string | number };
type Placed = { id: number; charge: string };

/** The state of one order while it is written, and its placing, exactly once. */
export function useOrderForm(
  offer: Offer,
  again: Again,
  { onPlaced }: { onPlaced: (placed: Placed) => void },
) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const [service, setService] = useState(() =>
    offer.services.find(({ id }) => id === Number(again.service)),
  );
  const [values, setValues] = useState<Record<string, string>>(() => startValues(again));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [hasDripFeed, setDripFeed] = useState(false);
  // However often the button is pressed or the network repeats itself, this is one order.
  const [requestId] = useState(() => `web-${crypto.randomUUID()}`);

  const quantity = service && quantityOf(offer, service, values);
  const plan = hasDripFeed ? planOf(quantity, values) : undefined;
  const charge =
    service &&
    (hasDripFeed && plan === undefined
      ? undefined
      : chargeOf(offer, service, { quantity, runs: plan?.runs ?? 1n }));

  const placing = useMutation({
    mutationFn: (order: { service: OfferedService; fields: Record<string, string> }) =>
      call(
        customerApi.orders.$post({
          json: { service: order.service.id, fields: order.fields, requestId },
        }),
      ),
    onSuccess: onPlaced,
    onError: (error) => setErrors(fieldErrors(error, textOf(error))),
  });

  return {
    service,
    values,
    errors,
    hasDripFeed,
    charge,
    plan,
    isPlacing: placing.isPending,
    problem: placing.error && Object.keys(errors).length === 0 ? textOf(placing.error) : undefined,
    choose: (chosen: OfferedService) => {
      setService(chosen);
      setErrors({});
      if (!chosen.dripfeed) setDripFeed(false);
    },
    setValue: (name: FieldName, value: string) => {
      setValues({ ...values, [name]: value });
      setErrors({ ...errors, [name]: '' });
    },
    setDripFeed,
    place: () => {
      if (service === undefined) return;
      const type = offer.types[service.type];
      const asked = [...type.required, ...(hasDripFeed ? dripfeedFields : [])];
      const missing = asked.filter((name) => (values[name] ?? '').trim() === '');
      setErrors(Object.fromEntries(missing.map((name) => [name, t('newOrder.required')])));
      if (missing.length > 0) return;
      const names = [...asked, ...type.optional.filter((name) => !dripfeedFields.includes(name))];
      const given = names.filter((name) => (values[name] ?? '').trim() !== '');
      const fields = Object.fromEntries(given.map((name) => [name, values[name] ?? '']));
      placing.mutate({ service, fields });
    },
  };
}

function startValues({ link, quantity }: Again): Record<string, string> {
  return {
    ...(link !== undefined && { link: String(link) }),
    ...(quantity !== undefined && { quantity: String(quantity) }),
  };
}

/** Which field a refusal is about, if it is about one. */
function fieldErrors(error: unknown, text: string): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  const isLink = ['bad_link', 'active_order_with_link'].includes(error.code);
  if (isLink) return { link: text };
  if (/quantity/.test(error.code)) return { quantity: text };
  return error.code === 'incorrect_field' ? { [error.detail]: text } : {};
}
