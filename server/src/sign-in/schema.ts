import type { BetterAuthOptions } from 'better-auth';
import { secondMs } from '../base/index.ts';

const times = { createdAt: 'created_at', updatedAt: 'updated_at' } as const;

/** Columns of ours that nobody sets from outside. */
const own = { type: 'number', required: false, input: false, returned: false } as const;

/** The library's names for our tables and columns. */
export function fieldsOf(ages: { sessionMs: number; extendAfterMs: number; freshMs: number }) {
  return {
    user: {
      modelName: 'users',
      fields: { emailVerified: 'email_confirmed', ...times },
      additionalFields: {
        customerId: { ...own, fieldName: 'customer_id' },
        staffId: { ...own, fieldName: 'staff_id' },
      },
    },
    session: {
      modelName: 'user_sessions',
      additionalFields: {
        byPasskey: { ...own, type: 'boolean', fieldName: 'by_passkey' },
      },
      expiresIn: ages.sessionMs / secondMs,
      updateAge: ages.extendAfterMs / secondMs,
      freshAge: ages.freshMs / secondMs,
      fields: {
        userId: 'user_id',
        token: 'token_hash',
        ipAddress: 'address',
        userAgent: 'user_agent',
        expiresAt: 'expires_at',
        ...times,
      },
    },
    account: {
      modelName: 'user_credentials',
      fields: {
        userId: 'user_id',
        providerId: 'provider',
        accountId: 'account',
        password: 'password_hash',
        ...times,
      },
    },
    verification: {
      modelName: 'user_verifications',
      storeIdentifier: 'hashed',
      fields: { identifier: 'identifier_hash', expiresAt: 'expires_at', ...times },
    },
  } satisfies BetterAuthOptions;
}

export const twoFactorSchema = {
  user: { fields: { twoFactorEnabled: 'two_factor' } },
  twoFactor: {
    modelName: 'two_factors',
    fields: {
      userId: 'user_id',
      secret: 'secret_sealed',
      backupCodes: 'backup_codes_sealed',
      failedVerificationCount: 'failures',
      lockedUntil: 'locked_until',
    },
  },
};

export const passkeySchema = {
  passkey: {
    modelName: 'passkeys',
    fields: {
      userId: 'user_id',
      credentialID: 'credential_id',
      publicKey: 'public_key',
      deviceType: 'device_type',
      backedUp: 'backed_up',
      createdAt: 'created_at',
    },
  },
};
