import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amount, type CustomerId, zero } from '../base/index.ts';
import { planTransfer, type TransferInput, type Wallet } from './index.ts';

const others = fc.constantFrom('deposits', 'sales', 'bonuses', 'adjustments');
const inputs = fc.tuple(fc.bigInt({ min: 1n, max: 1_000n }), fc.boolean(), others, fc.uuid()).map(
  ([value, isOut, other, reference]): TransferInput => ({
    debit: isOut ? 'wallet' : other,
    credit: isOut ? other : 'wallet',
    amount: amount(value),
    reference,
    orderId: null,
  }),
);
const openWallet: Wallet = {
  customerId: 1 as CustomerId,
  balance: zero,
  creditLimit: zero,
  transferCount: 0n,
  isStopped: false,
};

test('transfers chain without a gap, and none takes the balance below the credit limit', () => {
  const limits = fc.bigInt({ min: 0n, max: 2_000n }).map(amount);
  fc.assert(
    fc.property(fc.array(inputs), limits, (list, creditLimit) => {
      let wallet: Wallet = { ...openWallet, creditLimit };
      let expected = 0n;
      for (const input of list) {
        const change = input.debit === 'wallet' ? -input.amount : input.amount;
        const planned = planTransfer(wallet, input);
        assert.equal(planned === undefined, change < 0n && expected + change < -creditLimit);
        if (planned === undefined) continue;
        expected += change;
        assert.equal(planned.transfer.balanceAfter, expected);
        assert.equal(planned.transfer.number, wallet.transferCount + 1n);
        assert.deepEqual(planned.wallet, {
          ...wallet,
          balance: expected,
          transferCount: wallet.transferCount + 1n,
        });
        wallet = planned.wallet;
      }
    }),
  );
});

test('money that comes in is taken also below a credit limit that was lowered', () => {
  const wallet = { ...openWallet, balance: amount(-500n) };
  const input: TransferInput = {
    debit: 'sales',
    credit: 'wallet',
    amount: amount(1n),
    reference: 'refund',
    orderId: null,
  };
  assert.equal(planTransfer(wallet, input)?.wallet.balance, -499n);
});

test('a transfer of nothing, or between two sides that are no wallet, is a bug', () => {
  const input: TransferInput = {
    debit: 'wallet',
    credit: 'sales',
    amount: zero,
    reference: 'r',
    orderId: null,
  };
  assert.throws(() => planTransfer(openWallet, input), /assertion/);
  const one = { ...input, amount: amount(1n) };
  assert.throws(() => planTransfer(openWallet, { ...one, debit: 'bonuses' }), /assertion/);
  assert.throws(() => planTransfer(openWallet, { ...one, credit: 'wallet' }), /assertion/);
});
