import {
  AppError,
  openSealed,
  type PaymentMethodId,
  type SealPlace,
  sealText,
} from '../base/index.ts';
import type { Keyring } from '../customers/index.ts';
import type { Ctx } from '../db/index.ts';
import type { Method } from './method.ts';
import type { MethodSecrets } from './method-fields.ts';
import {
  type Checkout,
  createStripeSession,
  endStripeSession,
  findStripeSession,
  type StripeAccess,
} from './stripe.ts';

export type Gateways = {
  /** Encrypts a method's secrets. @throws AppError `not_allowed` without PANELWRIGHT_SECRET */
  seal: (id: PaymentMethodId, secrets: MethodSecrets) => Uint8Array;
  /**
   * A method's secrets by name.
   * @throws AppError `not_allowed` without PANELWRIGHT_SECRET, `conflict` when they were stored
   *   with another one
   */
  open: (method: Pick<Method, 'id' | 'secretsSealed'>) => MethodSecrets;
  /** Starts a session of Stripe Checkout. @throws AppError `gateway_unavailable` */
  createCheckout: (secretKey: string, checkout: Checkout) => Promise<{ id: string; url: string }>;
  /** Where a session goes on, while it is open. @throws AppError `gateway_unavailable` */
  findCheckout: (secretKey: string, sessionId: string) => Promise<string | undefined>;
  /** Ends a session; no if it is paid already. @throws AppError `gateway_unavailable` */
  endCheckout: (secretKey: string, sessionId: string) => Promise<boolean>;
};

/** What commands of payments need. A process that answers calls has its keyring in it. */
export type PaymentsCtx = Ctx & { gateways: Gateways; keyring?: Pick<Keyring, 'onChange'> };

export type GatewaysOptions = {
  /** Encrypts methods' secrets; undefined when the operator has set none. */
  secret: string | undefined;
  /** Where Stripe's API is, instead of Stripe's own address. For tests. */
  stripeApi?: URL | undefined;
  /** How long Stripe may take to answer one request. */
  timeoutMs?: number;
};

const stripeTimeoutMs = 15_000;

/** Opens the way to payment gateways. It keeps no connection and needs no closing. */
export function createGateways(options: GatewaysOptions): Gateways {
  const timeoutMs = options.timeoutMs ?? stripeTimeoutMs;
  const accessBy = (secretKey: string): StripeAccess => ({
    secretKey,
    timeoutMs,
    api: options.stripeApi,
  });
  return {
    seal: (id, secrets) =>
      sealText(requireSecret(options.secret), placeOf(id), JSON.stringify(secrets)),
    open: (method) => openSecrets(options.secret, method),
    createCheckout: (secretKey, checkout) => createStripeSession(accessBy(secretKey), checkout),
    findCheckout: (secretKey, id) => findStripeSession(accessBy(secretKey), id),
    endCheckout: (secretKey, id) => endStripeSession(accessBy(secretKey), id),
  };
}

function openSecrets(
  secret: string | undefined,
  method: Pick<Method, 'id' | 'secretsSealed'>,
): MethodSecrets {
  if (method.secretsSealed === null) return {};
  const text = openOrRefuse(requireSecret(secret), method.id, method.secretsSealed);
  return JSON.parse(text) as MethodSecrets; // authenticated: `seal` wrote it
}

function openOrRefuse(secret: string, id: PaymentMethodId, sealed: Uint8Array): string {
  try {
    return openSealed(secret, placeOf(id), sealed);
  } catch (cause) {
    throw new AppError(
      'conflict',
      `the secrets of payment method ${id} do not open: they were stored with another ` +
        'PANELWRIGHT_SECRET; store them again',
      { cause },
    );
  }
}

function placeOf(id: PaymentMethodId): SealPlace {
  return {
    purpose: 'panelwright payment method secrets 1',
    boundTo: `panelwright:payment_method:${id}`,
  };
}

function requireSecret(secret: string | undefined): string {
  if (secret !== undefined) return secret;
  throw new AppError(
    'not_allowed',
    'set PANELWRIGHT_SECRET (32 or more random characters, the same for every process of this ' +
      'panel): the secrets of payment methods are encrypted with it',
  );
}
