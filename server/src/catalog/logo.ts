import { type Actor, AppError } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, notifyChange, recordAudit } from '../db/index.ts';
import { changeCatalog } from './change.ts';

type LogoType = 'image/png' | 'image/webp' | 'image/jpeg';

const logoBytesMax = 200_000;

/**
 * Sets the logo; null takes it away. Only pictures that can hold no script are taken, told by their
 * first bytes and never by what somebody calls them.
 * @throws AppError `not_allowed`, `invalid_input` for more than 200,000 bytes or another format
 */
export async function setLogo(ctx: Ctx, actor: Actor, bytes: Uint8Array | null): Promise<void> {
  requireStaff(actor, 'settings');
  const type = bytes === null ? null : typeOf(bytes);
  const at = ctx.clock.now();
  await changeCatalog(ctx.db, async (tx) => {
    await tx.updateTable('settings').set({ logo: bytes, logo_type: type }).execute();
    const after = bytes === null ? null : { type, bytes: bytes.length };
    await recordAudit(tx, {
      actor,
      action: 'settings.logo',
      subject: 'settings',
      after: { logo: after },
      at,
    });
    await notifyChange(tx, { kind: 'catalog' });
  });
}

function typeOf(bytes: Uint8Array): LogoType {
  if (bytes.length > logoBytesMax) {
    throw new AppError('invalid_input', `a logo has at most ${logoBytesMax} bytes`, {
      detail: 'logo',
    });
  }
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
  throw new AppError('invalid_input', 'a logo is a PNG, WebP or JPEG picture', { detail: 'logo' });
}
