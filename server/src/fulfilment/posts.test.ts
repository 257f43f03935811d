import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityOf } from './posts.ts';

test('a quantity is taken only where nothing else is possible', () => {
  const free = { min: 100, max: 200, unitCost: 50_000_000n };
  assert.equal(quantityOf({ ...free, max: 100 }, { charge: null }), 100n);
  assert.equal(quantityOf(free, { charge: '0.075' }), 150n);
  assert.equal(quantityOf(free, { charge: '0.0751' }), null);
  assert.equal(quantityOf(free, { charge: '0.5' }), null);
  assert.equal(quantityOf(free, { charge: null }), null);
  assert.equal(quantityOf({ ...free, unitCost: null }, { charge: '0.075' }), null);
});
