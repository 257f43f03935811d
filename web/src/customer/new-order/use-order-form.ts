import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi, Problem } from '../../api/client.ts';
import { useProblemText } from '../../kit/problems.ts';
import type { Offer, OfferedService } from '../services.ts';
import { chargeOf, dripfeedFields, type FieldName, planOf, quantityOf } from './draft.ts';
import type { Start } from './start.ts';

export type Placed = { id: number; charge: string };

/** The state of one order while it is written, and its placing, exactly once. */
export function useOrderForm(
  offer: Offer,
  start: Start,
  { onPlaced }: { onPlaced: (placed: Placed) => void },
) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const [service, setService] = useState(() =>
    offer.services.find(({ id }) => id === start.service),
  );
  const [values, setValues] = useState<Record<string, string>>(start.values);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [hasDripFeed, setDripFeed] = useState(
    start.values.runs !== undefined && service?.dripfeed === true,
  );
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
    onError: (error, { service: { type } }) =>
      setErrors(fieldErrors(error, textOf(error), offer.types[type])),
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
      const optional = type.optional.filter((name) => !dripfeedFields.includes(name));
      placing.mutate({ service, fields: pick(values, [...asked, ...optional]) });
    },
  };
}

/** The fields of some names that are not empty. */
function pick(
  values: Readonly<Record<string, string>>,
  names: readonly FieldName[],
): Record<string, string> {
  const given = names.filter((name) => (values[name] ?? '').trim() !== '');
  return Object.fromEntries(given.map((name) => [name, values[name] ?? '']));
}

type TypeFields = Pick<Offer['types'][OfferedService['type']], 'required' | 'optional'>;

/** Which field a refusal is about, if it is about one of those that are asked for. */
function fieldErrors(error: unknown, text: string, type: TypeFields): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  const { code, detail } = error;
  const isLink = code === 'bad_link' || code === 'active_order_with_link';
  const other = code === 'incorrect_field' ? detail : undefined;
  const name = isLink ? 'link' : /quantity/.test(code) ? 'quantity' : other;
  const shown: readonly string[] = [...type.required, ...type.optional];
  return name !== undefined && shown.includes(name) ? { [name]: text } : {};
}
