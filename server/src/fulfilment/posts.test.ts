import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OrderStatusWord, orderStatusWord } from '@panelwright/sdk';
import { quantityOf } from './posts.ts';

const free = { min: 100, max: 1_000, unitCost: 50_000_000n };

function said(charge: string | null, word: OrderStatusWord = 'In progress', remains = 0) {
  return { status: orderStatusWord(word), charge, remains };
}

test('a quantity is taken only where nothing else is possible', () => {
  assert.equal(quantityOf({ ...free, max: 100 }, said(null)), 100n);
  assert.equal(quantityOf(free, said('0.075')), 150n);
  assert.equal(quantityOf(free, said('0.0751')), null);
  assert.equal(quantityOf(free, said('5')), null);
  assert.equal(quantityOf(free, said(null)), null);
  assert.equal(quantityOf({ ...free, unitCost: null }, said('0.075')), null);
});

test('the charge of a partial post is for what was kept of it, so what is left is added', () => {
  assert.equal(quantityOf(free, said('0.25', 'Partial', 500)), 1_000n);
  assert.equal(quantityOf(free, said('0.025', 'Partial', 50)), 100n);
  assert.equal(quantityOf(free, said('0.25', 'Partial', 501)), null);
  assert.equal(quantityOf(free, said('0.25', 'Partial', -1)), null);
  assert.equal(quantityOf(free, { ...said('0.25', 'Partial'), remains: null }), null);
});

test('a charge is believed of posts alone that have a status of an order', () => {
  const words = ['Pending', 'In progress', 'Processing', 'Completed', 'Canceled', 'Refunded'];
  for (const word of words as OrderStatusWord[]) {
    assert.equal(quantityOf(free, said('0.25', word, 100)), 500n, word);
  }
  for (const word of ['Failed', 'Expired', 'Active'] as const) {
    assert.equal(quantityOf(free, said('0.25', word, 100)), null, word);
  }
});

test('a post that was cancelled and costs nothing is none', () => {
  for (const bounds of [free, { ...free, max: 100 }]) {
    assert.equal(quantityOf(bounds, said('0.00', 'Canceled', 100)), 0n);
    assert.equal(quantityOf(bounds, said('0', 'Refunded')), 0n);
  }
  assert.equal(quantityOf(free, said('0.00', 'Pending')), null);
  assert.equal(quantityOf(free, said(null, 'Canceled')), null);
});
