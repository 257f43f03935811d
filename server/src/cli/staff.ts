import type { Command } from 'commander';
import {
  type Amount,
  AppError,
  formatAmount,
  parseAmount,
  type StaffArea,
  type StaffId,
  staffAreas,
} from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { createPasswordToken, inviteStaff, inviteUser, resetFactors } from '../sign-in/index.ts';
import { listStaff } from '../staff/index.ts';
import { linkReply, requireSignIn } from './invitation.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable } from './text.ts';
import { orNull } from './values.ts';

type AddOptions = CommonOptions & {
  email: string;
  areas: readonly StaffArea[];
  dailyLimit: Amount | null;
};

/** `staff`: who works for the panel, and how they come in. */
export function addStaffCommands(program: Command, settings: Settings): void {
  const group = program.command('staff').description('who works for the panel');
  addAdd(group, settings);
  addInvite(group, settings);
  group
    .command('link')
    .description('a link by which a user (also a customer) sets a new password, once')
    .argument('<email>', 'the address that the user signs in with')
    .action((email: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const { token } = await createPasswordToken(app, cliActor, { email });
        return linkReply(settings(), {}, token);
      }),
    );
  group
    .command('reset-factors')
    .description('take away TOTP and passkeys that somebody lost, and end their sessions')
    .argument('<name>', 'of the member of staff')
    .action((name: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const staffId = await findStaff(app.db, name);
        await resetFactors(app, cliActor, { staffId });
        return { json: { id: staffId }, text: `${name} signs in by password alone again` };
      }),
    );
  group
    .command('list')
    .description('members of staff with what they may do')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const members = (await listStaff(app.db)).map((member) => ({
          id: member.id,
          name: member.name,
          status: member.status,
          areas: member.areas,
          dailyLimit: member.dailyLimit === null ? null : formatAmount(member.dailyLimit),
        }));
        const rows = members.map((member) => [
          member.name,
          member.status,
          member.dailyLimit ?? 'none',
          member.areas.join(','),
        ]);
        const heading = ['name', 'status', 'daily limit', 'areas'];
        return { json: members, text: formatTable(heading, rows) };
      }),
    );
}

function addAdd(group: Command, settings: Settings): void {
  group
    .command('add')
    .description('add a member of staff; prints a link to set the password, which works once')
    .argument('<name>', 'as it stands in the audit log: 1 to 40 of a-z, 0-9, ".", "_" and "-"')
    .requiredOption('--email <address>', 'the address to sign in with')
    .option('--areas <areas>', `of ${staffAreas.join(',')}`, toAreas, staffAreas)
    .option(
      '--daily-limit <amount>',
      'how much they may give to customers a day, or "none"',
      orNull('none', (text) => parseAmount(text, '--daily-limit')),
      null,
    )
    .addHelpText('after', '\nExample:\n  panelwright staff add ann --email ann@example.com')
    .action((name: string, options: AddOptions) =>
      runOnApp(settings, options, async (app) => {
        const { email, areas, dailyLimit } = options;
        requireSignIn(app);
        const input = { name, areas, dailyLimit, email };
        const { staffId, token } = await inviteStaff(app, cliActor, input);
        return linkReply(settings(), { id: staffId }, token);
      }),
    );
}

function addInvite(group: Command, settings: Settings): void {
  group
    .command('invite')
    .description('let a member of staff sign in who has no login yet')
    .argument('<name>', 'of the member of staff')
    .requiredOption('--email <address>', 'the address to sign in with')
    .action((name: string, options: CommonOptions & { email: string }) =>
      runOnApp(settings, options, async (app) => {
        requireSignIn(app);
        const { email } = options;
        const owner = { staffId: await findStaff(app.db, name) };
        const { token } = await inviteUser(app, cliActor, { owner, email });
        return linkReply(settings(), { id: owner.staffId }, token);
      }),
    );
}

/** @throws AppError `not_found` */
async function findStaff(db: Db, name: string): Promise<StaffId> {
  const member = (await listStaff(db)).find((each) => each.name === name);
  if (member === undefined) throw new AppError('not_found', `no member of staff "${name}"`);
  return member.id;
}

function toAreas(text: string): readonly StaffArea[] {
  return text.split(',').map((part) => {
    const area = staffAreas.find((each) => each === part.trim());
    if (area !== undefined) return area;
    throw new AppError('invalid_input', `"${part}" is none of ${staffAreas.join(', ')}`);
  });
}
