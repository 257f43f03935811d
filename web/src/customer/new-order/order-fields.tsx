import { Checkbox, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import type { Offer, OfferedService } from '../services.ts';
import {
  countLines,
  dripfeedFields,
  type FieldName,
  isDripFeedOffered,
  mayBeLink,
} from './draft.ts';

type Props = {
  offer: Offer;
  service: OfferedService;
  values: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  hasDripFeed: boolean;
  onChange: (name: FieldName, value: string) => void;
  onDripFeed: (wanted: boolean) => void;
};

/** The parameters that the service's type asks for. */
export default function OrderFields(props: Props) {
  const { t } = useTranslation();
  const { offer, service, hasDripFeed, onDripFeed } = props;
  const type = offer.types[service.type];
  const optional = type.optional.filter((name) => !dripfeedFields.includes(name));
  return (
    <Stack gap="sm">
      {type.required.map((name) => (
        <Field key={name} {...props} name={name} isRequired />
      ))}
      {optional.map((name) => (
        <Field key={name} {...props} name={name} isRequired={false} />
      ))}
      {isDripFeedOffered(service) && (
        <Checkbox
          label={t('newOrder.dripfeed')}
          description={t('newOrder.dripfeedHint')}
          checked={hasDripFeed}
          onChange={(event) => onDripFeed(event.currentTarget.checked)}
        />
      )}
      {hasDripFeed &&
        dripfeedFields.map((name) => <Field key={name} {...props} name={name} isRequired />)}
    </Stack>
  );
}

function Field(props: Props & { name: FieldName; isRequired: boolean }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { offer, service, values, errors, onChange, name, isRequired } = props;
  const kind = offer.fields[name];
  const value = values[name] ?? '';
  const shared = {
    label: t(`newOrder.fields.${name}`),
    error: errors[name],
    withAsterisk: isRequired,
    ...(!isRequired && { placeholder: t('states.optional') }),
  };
  if (kind.kind === 'lines') {
    return (
      <Textarea
        {...shared}
        autosize
        minRows={3}
        maxRows={12}
        value={value}
        description={
          value === '' ? undefined : t('newOrder.linesCount', { count: countLines(value) })
        }
        onChange={(event) => onChange(name, event.currentTarget.value)}
      />
    );
  }
  if (kind.kind === 'choice') {
    return (
      <Select
        {...shared}
        data={kind.values.map((choice) => ({
          value: String(choice),
          label: String(
            t(`newOrder.choices.${name}.${choice}` as never, { defaultValue: number(choice) }),
          ),
        }))}
        value={value === '' ? null : value}
        onChange={(choice) => onChange(name, choice ?? '')}
      />
    );
  }
  const descriptionOf = () => {
    if (name === 'quantity') {
      return t('newOrder.between', { min: number(service.min), max: number(service.max) });
    }
    const isLinkField = kind.kind === 'link' && !errors[name];
    return isLinkField && !mayBeLink(value) ? t('newOrder.noLink') : undefined;
  };
  return (
    <TextInput
      {...shared}
      value={value}
      inputMode={kind.kind === 'whole' || kind.kind === 'quantity' ? 'numeric' : undefined}
      type={kind.kind === 'link' ? 'url' : 'text'}
      description={descriptionOf()}
      onChange={(event) => onChange(name, event.currentTarget.value)}
    />
  );
}
