import { createHmac, randomUUID } from 'node:crypto';

/** That an alarm begins or ends, or that somebody tries whether it would arrive. */
export type AlarmEvent = {
  event: 'began' | 'ended' | 'test';
  name: string;
  subject: string;
  detail: string;
  at: Date;
};

/** What the webhook is told, as JSON. Its id stays the same when it is told again. */
export function bodyOf({ event, name, subject, detail, at }: AlarmEvent): string {
  const id = randomUUID();
  return JSON.stringify({ id, type: `alarm.${event}`, name, subject, detail, at });
}

/** `t=<unix seconds>,v1=<hex>`: the HMAC-SHA256 of the seconds, a dot and the body's bytes. */
export function signatureOf(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hex}`;
}
