import assert from 'node:assert/strict';
import { type CustomerId, parseAmount, type StaffArea, staffAreas } from '../../src/base/index.ts';
import { createCustomer, createKey, updateCustomer } from '../../src/customers/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { addUser, type UserOwner } from '../../src/sign-in/index.ts';
import { addStaff } from '../../src/staff/index.ts';
import { staff } from '../factories.ts';
import { createVisitor, password, type SignInPanel, type Visitor } from '../sign-in/visitor.ts';

export type Person = { customerId: CustomerId; key: string; email: string; orders: number };

type NewPerson = { name: string; funds: string; orders: number };

/** The customer whose pages are shown. */
const shown: NewPerson = { name: 'Marlow Digital', funds: '2860', orders: 8 };

const others: readonly NewPerson[] = [
  { name: 'Bright Path Agency', funds: '2250', orders: 6 },
  { name: '林晓工作室', funds: '1420', orders: 4 },
  { name: 'Fernando Reyes', funds: '364.5', orders: 1 },
  { name: 'Studio Okafor', funds: '910', orders: 3 },
  { name: 'Hanna Virtanen', funds: '325', orders: 1 },
  { name: 'Kestrel Reseller Panel', funds: '4800', orders: 8 },
];

/** The customers of the sample, with how many orders a day they have; the shown one is first. */
export async function makePeople(panel: SignInPanel): Promise<[Person, ...Person[]]> {
  const first = await makePerson(panel, shown);
  const people: [Person, ...Person[]] = [first];
  for (const other of others) people.push(await makePerson(panel, other));
  const { app } = panel;
  const { customerId } = first;
  await updateCustomer(app, staff, { customerId, changes: { discountBasisPoints: 250 } });
  const left = await makePerson(panel, { name: 'Quick Growth Ltd', funds: '12', orders: 0 });
  const changes = { status: 'suspended' } as const;
  await updateCustomer(app, staff, { customerId: left.customerId, changes });
  return people;
}

async function makePerson(panel: SignInPanel, person: NewPerson): Promise<Person> {
  const { app } = panel;
  const { name, funds, orders } = person;
  const customerId = await createCustomer(app, staff, { name });
  const email = `customer${customerId}@example.com`;
  await addUser(app, staff, { owner: { customerId }, email, password });
  await addFunds(app, staff, {
    customerId,
    amount: parseAmount(funds, 'funds'),
    reference: `bank-2026-${1_000 + customerId}`,
  });
  const { key } = await createKey(app, staff, { customerId, name: 'My shop' });
  return { customerId, key, email, orders };
}

type NewMember = { name: string; areas: readonly StaffArea[]; dailyLimit?: string };

const members: readonly NewMember[] = [
  { name: 'mei', areas: staffAreas },
  { name: 'tomas', areas: ['orders', 'customers'], dailyLimit: '50' },
  { name: 'nadia', areas: ['payments', 'customers'], dailyLimit: '500' },
];

/** The people who run the panel; answers the address of each. */
export async function makeStaff(panel: SignInPanel): Promise<Record<string, string>> {
  const emails: Record<string, string> = {};
  for (const { name, areas, dailyLimit } of members) {
    const limit = dailyLimit === undefined ? null : parseAmount(dailyLimit, 'dailyLimit');
    const staffId = await addStaff(panel.app, staff, { name, areas, dailyLimit: limit });
    emails[name] = `${name}@example.com`;
    await addLogin(panel, { staffId }, `${name}@example.com`);
  }
  return emails;
}

async function addLogin(panel: SignInPanel, owner: UserOwner, email: string): Promise<void> {
  await addUser(panel.app, staff, { owner, email, password });
}

/** Somebody with a password, signed in. */
export async function signInAs(panel: SignInPanel, email: string): Promise<Visitor> {
  const visitor = createVisitor(panel);
  const answer = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return visitor;
}
