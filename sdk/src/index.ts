/**
 * A client of the panel API v2. Plain functions over one pluggable transport; no dependencies.
 *
 * Invariants: a request is sent once and no redirect is followed. No fault of the network or the
 * panel throws. An order is accepted only with a usable id and rejected only with a readable error;
 * "not sent" is a certainty, and everything else is unknown. Answers to lists are matched by id,
 * never by position. Amounts and ids are text and never rounded.
 */
export type { AddOutcome } from './add.ts';
export {
  type CallOptions,
  createPanelClient,
  type PanelClient,
  type PanelClientOptions,
} from './client.ts';
export type { ReplyFault, TransportFault } from './exchange.ts';
export { createFetchTransport } from './fetch-transport.ts';
export {
  type Id,
  type Lines,
  type Order,
  type OrderFields,
  type RawOrder,
  type ServiceType,
  type SubscriptionDelay,
  serviceTypes,
  type TypedOrder,
  type Whole,
} from './order.ts';
export type {
  Accepted,
  NotSent,
  ReadFailure,
  Reading,
  Rejected,
  Unknown,
  UnknownReason,
  UnreadableReason,
  WriteOutcome,
} from './outcomes.ts';
export type { Balance } from './reads.ts';
export type { RefusalCode } from './refusal-phrases.ts';
export { type Refusal, refusalOfText } from './refusals.ts';
export { type Answers, idsPerRequestMax } from './rows.ts';
export {
  type PanelService,
  type ServiceList,
  type ServicesFailure,
  type ServicesReading,
  type ServiceWarning,
  type ServiceWarningCode,
  serviceTypeOf,
} from './services.ts';
export {
  type OrderStatus,
  type OrderStatusWord,
  orderStatusWord,
  type RefillStatusWord,
  refillStatusWord,
  type StatusWord,
} from './status.ts';
export {
  type Transport,
  TransportError,
  type TransportErrorKind,
  type TransportReply,
  type TransportRequest,
} from './transport.ts';
export { decimalText, type JsonObject, plainText } from './values.ts';
