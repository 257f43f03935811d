import assert from 'node:assert/strict';
import { type Amount, type StaffArea, staffAreas } from '../../src/base/index.ts';
import { addUser } from '../../src/sign-in/index.ts';
import { addStaff } from '../../src/staff/index.ts';
import { staff } from '../factories.ts';
import {
  type Answer,
  createVisitor,
  password,
  type SignInPanel,
  type Visitor,
} from '../sign-in/visitor.ts';

/** A member of staff at their pages: calls of `/api/admin`. */
export type Member = {
  visitor: Visitor;
  get: (path: string) => Promise<Answer>;
  ask: (
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ) => Promise<Answer>;
};

let members = 0;

/** A member of staff who is signed in; by default with every permission. */
export async function openMember(
  panel: SignInPanel,
  areas: readonly StaffArea[] = staffAreas,
  dailyLimit: Amount | null = null,
): Promise<Member> {
  members += 1;
  const name = `clerk${members}`;
  const email = `${name}@example.com`;
  const staffId = await addStaff(panel.app, staff, { name, areas, dailyLimit });
  await addUser(panel.app, staff, { owner: { staffId }, email, password });
  const visitor = createVisitor(panel);
  const signed = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  return {
    visitor,
    get: (path) => visitor.get(`/api/admin${path}`),
    ask: (method, path, body = {}) =>
      visitor.send(`/api/admin${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}
