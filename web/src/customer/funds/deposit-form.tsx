import { Alert, Button, Chip, Group, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { useOwnWords } from '../../kit/own-words.ts';
import { Section } from '../../kit/section.tsx';
import { formatUnits, parseDecimal } from '../../money.ts';
import { useCustomer, usePanel } from '../../session.ts';
import { MethodCards } from './method-cards.tsx';
import type { Funds, Method } from './queries.ts';
import { QuoteLines } from './quote-lines.tsx';
import { type DepositStart, useDeposit } from './use-deposit.ts';

type Props = { funds: Funds; start: DepositStart; onStarted: (paymentId: number) => void };

/** Adds to the balance: by which way, how much, and what comes of it. */
export function DepositForm({ funds, start, onStarted }: Props) {
  const { t } = useTranslation();
  const { status } = useCustomer();
  const { panel } = usePanel();
  const contact = useOwnWords()(panel.contact, panel.contactZh);
  const deposit = useDeposit(funds.methods, { start, onStarted });
  if (funds.methods.length === 0) {
    return (
      <Section title={t('funds.add')}>
        <EmptyState title={t('funds.noMethods')} text={contact || t('funds.noMethodsText')} />
      </Section>
    );
  }
  const isSuspended = status === 'suspended';
  return (
    <Section title={t('funds.add')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (deposit.quote !== undefined && !deposit.isQuoting) deposit.start();
        }}
      >
        <Stack gap="md">
          <MethodCards methods={funds.methods} chosen={deposit.method} onChoose={deposit.choose} />
          <Stack gap="xs">
            <TextInput
              label={t('funds.amount')}
              inputMode="decimal"
              autoComplete="off"
              value={deposit.amount}
              error={deposit.amountProblem}
              rightSection={
                <Text size="sm" c="dimmed">
                  {funds.currency}
                </Text>
              }
              rightSectionWidth={56}
              onChange={(event) => deposit.setAmount(event.currentTarget.value.replace(',', '.'))}
            />
            {deposit.method && (
              <QuickAmounts
                method={deposit.method}
                chosen={deposit.amount}
                onChoose={deposit.setAmount}
              />
            )}
          </Stack>
          <QuoteLines quote={deposit.quote} isQuoting={deposit.isQuoting} />
          {deposit.problem && (
            <Alert color="red" p="sm" role="alert">
              {deposit.problem}
            </Alert>
          )}
          {isSuspended && (
            <Alert color="yellow" p="sm">
              {t('problems.customer_suspended')}
            </Alert>
          )}
          <Group>
            <Button
              type="submit"
              size="md"
              loading={deposit.isStarting}
              disabled={isSuspended || deposit.quote === undefined || deposit.isQuoting}
            >
              {deposit.method?.kind === 'manual' ? t('funds.showHow') : t('funds.goPay')}
            </Button>
            {deposit.amount.trim() === '' && (
              <Text size="sm" c="dimmed">
                {t('funds.enterAmount')}
              </Text>
            )}
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

const steps = ['5', '10', '25', '50', '100', '250', '500', '1000', '5000', '10000'];
const quickMax = 5;

type QuickProps = { method: Method; chosen: string; onChoose: (amount: string) => void };

/** Amounts at a touch: round ones a method takes, and where its bonuses begin. */
function QuickAmounts({ method, chosen, onChoose }: QuickProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Group gap="xs" role="group" aria-label={t('funds.quick')}>
      {quickAmounts(method).map((amount) => (
        <Chip
          key={amount}
          size="xs"
          checked={parseDecimal(chosen) === parseDecimal(amount)}
          onChange={() => onChoose(amount)}
        >
          {format.number(amount)}
        </Chip>
      ))}
    </Group>
  );
}

function quickAmounts({ min, max, bonusTiers }: Method): string[] {
  const unitsOf = (text: string) => parseDecimal(text) ?? 0n;
  const tiers = bonusTiers.map(({ from }) => unitsOf(from));
  const fits = (value: bigint) => value >= unitsOf(min) && value <= unitsOf(max);
  const round = steps.map(unitsOf).filter((value) => fits(value) && !tiers.includes(value));
  const wanted = [...tiers.filter(fits), ...round].slice(0, quickMax);
  return wanted.toSorted((one, other) => (one < other ? -1 : 1)).map(formatUnits);
}
