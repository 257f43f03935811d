import type { Command } from 'commander';
import { type Amount, type CustomerId, formatAmount, parseAmount } from '../base/index.ts';
import { addFunds, type FundsSource } from '../payments/index.ts';
import { choice } from './choice.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { toCustomerId } from './values.ts';

type Options = CommonOptions & {
  customer: CustomerId;
  amount: Amount;
  reference: string;
  source: FundsSource;
};

/** `deposits`: money that comes in. */
export function addPayments(program: Command, settings: Settings): void {
  const group = program.command('deposits').description('money that comes in');
  group
    .command('add')
    .description("add funds to a customer's wallet; the same reference again adds nothing")
    .requiredOption('--customer <customer>', "the customer's number", toCustomerId)
    .requiredOption('--amount <amount>', 'more than 0, at most 8 decimals', (text) =>
      parseAmount(text, '--amount'),
    )
    .requiredOption('--reference <reference>', 'what tells this payment from every other')
    .addOption(
      choice('--source <source>', 'the account it comes from', [
        'deposits',
        'bonuses',
        'adjustments',
      ]).default('deposits'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  panelwright deposits add --customer 1 --amount 100.5 --reference invoice-17',
    )
    .action((options: Options) =>
      runOnApp(settings, options, async (app) => {
        const { customer: customerId, amount, reference, source } = options;
        const added = await addFunds(app, cliActor, { customerId, amount, reference, source });
        const balance = formatAmount(await app.balanceReader.submit(customerId));
        const what = added ? `added ${formatAmount(amount)}` : `${reference} was added before`;
        return { json: { added, balance }, text: `${what}; the balance is ${balance}` };
      }),
    );
}
