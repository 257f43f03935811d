import { Counter, Gauge, type Registry } from 'prom-client';
import { assertNever } from '../base/index.ts';
import type { ProviderLoad } from '../fulfilment/index.ts';

const states = ['on', 'draining', 'paused', 'out_of_funds', 'key_refused'] as const;
const unitsPerOne = 100_000_000;

/**
 * Adds what goes on at each provider, by its number: names are for staff, and a scrape may be
 * seen by others.
 * @returns fills it with what was read
 */
export function addProviderMetrics(registry: Registry): (loads: readonly ProviderLoad[]) => void {
  const labelNames = ['provider'];
  const registers = [registry];
  const calls = new Counter({
    name: 'panelwright_provider_calls_total',
    help: 'Calls to a provider, by all processes; starts at 0 at midnight UTC',
    labelNames,
    registers,
  });
  const failures = new Counter({
    name: 'panelwright_provider_call_failures_total',
    help: 'Calls to a provider that failed; starts at 0 at midnight UTC',
    labelNames,
    registers,
  });
  const orders = new Gauge({
    name: 'panelwright_provider_orders',
    help: 'Orders of a provider that are not final, by how their delivery stands',
    labelNames: [...labelNames, 'delivery'],
    registers,
  });
  const balance = new Gauge({
    name: 'panelwright_provider_balance',
    help: "The last balance read from a provider, in the provider's currency",
    labelNames,
    registers,
  });
  const state = new Gauge({
    name: 'panelwright_provider_state',
    help: 'The state that a provider is in is 1, the others are 0',
    labelNames: [...labelNames, 'state'],
    registers,
  });
  return (loads) => {
    for (const metric of [calls, failures, orders, balance, state]) metric.reset();
    for (const load of loads) {
      const provider = String(load.providerId);
      calls.inc({ provider }, load.calls);
      failures.inc({ provider }, load.failures);
      orders.set({ provider, delivery: 'due' }, load.due);
      orders.set({ provider, delivery: 'in_flight' }, load.inFlight);
      orders.set({ provider, delivery: 'following' }, load.following);
      orders.set({ provider, delivery: 'unknown' }, load.unknown);
      orders.set({ provider, delivery: 'held' }, load.held);
      // A gauge is a double; nobody computes with it.
      if (load.balance !== null) balance.set({ provider }, Number(load.balance) / unitsPerOne);
      for (const name of states)
        state.set({ provider, state: name }, name === stateOf(load) ? 1 : 0);
    }
  };
}

function stateOf({ state, pausedBy }: ProviderLoad): (typeof states)[number] {
  switch (pausedBy) {
    case 'funds':
      return 'out_of_funds';
    case 'key':
      return 'key_refused';
    case 'staff':
    case null:
      return state;
    default:
      return assertNever(pausedBy);
  }
}
