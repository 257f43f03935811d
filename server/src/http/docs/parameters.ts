import { html } from 'hono/html';
import { assertNever, int32Max } from '../../base/index.ts';
import type { ServiceType } from '../../catalog/index.ts';
import { type FieldKind, type FieldName, orderFields, orderTypeOf } from '../../orders/index.ts';
import {
  type ActionName,
  type CallDefinition,
  type CallParameter,
  documentedLimits,
} from '../api-v2/definition.ts';
import type { Text } from './language.ts';
import { type Html, inline, type PageView, table } from './markup.ts';
import { callParameterTexts, choiceTexts, fieldTexts } from './texts/fields.ts';
import { labels, prose } from './texts/page.ts';

/** The parameter table of a call, `key` and `action` first. */
export function callTable(view: PageView, action: ActionName, call: CallDefinition): Html {
  const row = (name: CallParameter, isRequired: boolean) => ({
    name: parameterName(view, name, isRequired),
    about:
      name === 'action'
        ? html`<code>${action}</code>`
        : html`${inline(view, callParameterTexts[name])}${parameterNote(view, name)}`,
  });
  const required: readonly CallParameter[] = ['key', 'action', ...call.parameters];
  const optional = call.optional ?? [];
  return table(headOf(view), [
    ...required.map((name) => row(name, true)),
    ...optional.map((name) => row(name, false)),
  ]);
}

/** What an order of a service type takes, with the format of each parameter. */
export function typeTable(view: PageView, type: ServiceType): Html {
  const { required, optional } = orderTypeOf(type);
  const row = (name: FieldName, isRequired: boolean) => ({
    name: parameterName(view, name, isRequired),
    about: html`<span>${inline(view, fieldTexts[name])}</span>
<span class="format">${formatOf(view, name)}</span>`,
  });
  return table(headOf(view), [
    ...required.map((name) => row(name, true)),
    ...optional.map((name) => row(name, false)),
  ]);
}

function headOf({ language }: PageView): [string, string] {
  return [labels.parameter[language], labels.description[language]];
}

function parameterName(view: PageView, name: string, isRequired: boolean): Html {
  const word = (isRequired ? labels.required : labels.optional)[view.language];
  return html`<code>${name}</code> <span class="${isRequired ? 'must' : 'may'}">${word}</span>`;
}

function parameterNote(view: PageView, name: CallParameter): Html | string {
  if (name === 'orders' || name === 'refills') {
    return html` <span class="format">${prose.ids.map((text) => inline(view, text))}</span>`;
  }
  if (name === 'request_id') {
    return html` <a href="#retries">${labels.retries[view.language]}</a>`;
  }
  return '';
}

function formatOf(view: PageView, name: FieldName): Html {
  const field: FieldKind = orderFields[name];
  const say = (text: Text) => inline(view, text);
  switch (field.kind) {
    case 'link':
    case 'text':
      return say({
        en: `One line, up to ${documentedLimits.linkLength} characters.`,
        zh: `单行文本，最多 ${documentedLimits.linkLength} 个字符。`,
      });
    case 'quantity':
      return say({
        en: 'Whole number between the service’s `min` and `max`.',
        zh: '整数，在服务的 `min` 与 `max` 之间。',
      });
    case 'lines':
      return say(
        field.separator.test(',')
          ? { en: 'One per line, or separated by commas.', zh: '每行一个，或用逗号分隔。' }
          : { en: 'One per line; empty lines are dropped.', zh: '每行一条，空行会被忽略。' },
      );
    case 'whole':
      return say(wholeFormat(field));
    case 'choice':
      return choiceFormat(view, name, field.values);
    case 'date':
      return say({
        en: '`dd/mm/yyyy`, today or later (UTC).',
        zh: '格式 `dd/mm/yyyy`，不早于今天（UTC）。',
      });
    default:
      return assertNever(field);
  }
}

function wholeFormat({ min, max }: { min: number; max: number }): Text {
  return max === int32Max
    ? { en: `Whole number, at least ${min}.`, zh: `整数，不小于 ${min}。` }
    : { en: `Whole number from ${min} to ${max}.`, zh: `整数，${min} 到 ${max}。` };
}

function choiceFormat(view: PageView, name: FieldName, values: readonly number[]): Html {
  const { language } = view;
  if (name !== 'device' && name !== 'type_of_traffic') {
    const list = values.map((value, index) => html`${index > 0 ? ', ' : ''}<code>${value}</code>`);
    return language === 'en' ? html`One of ${list}.` : html`可选值：${list}。`;
  }
  const texts: Readonly<Record<number, Text>> = choiceTexts[name];
  return html`${values.map(
    (value) =>
      html`<span class="choice"><code>${value}</code> ${texts[value]?.[language] ?? ''}</span>`,
  )}`;
}
