import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type ProviderId } from '../base/index.ts';
import { isSameOrigin, openKey, sealKey } from './secret.ts';

const secret = 'a-secret-of-thirty-two-letters-or-more';
const place = { providerId: 7 as ProviderId, url: 'https://panel.example/api/v2' };
const key = 'canary-4f1c9b-key';

function isClosed(work: () => unknown): void {
  assert.throws(work, (error) => {
    assert(error instanceof AppError && error.code === 'conflict');
    assert(!JSON.stringify([error.message, String(error.cause)]).includes(key));
    return true;
  });
}

test('a sealed key opens for its own provider and origin, whatever the path', () => {
  const sealed = sealKey(secret, place, key);
  assert.equal(openKey(secret, place, sealed), key);
  assert.equal(openKey(secret, { ...place, url: 'https://PANEL.example:443/other' }, sealed), key);
  assert.equal(openKey(secret, place, sealKey(secret, place, 'ключ')), 'ключ');
  assert(!Buffer.from(sealed).includes(key));
  assert.notDeepEqual(sealKey(secret, place, key), sealed, 'each has a nonce of its own');
});

test('a sealed key opens nowhere else', () => {
  const sealed = sealKey(secret, place, key);
  isClosed(() => openKey(`${secret}x`, place, sealed));
  isClosed(() => openKey(secret, { ...place, providerId: 8 as ProviderId }, sealed));
  const origins = ['https://other.example', 'http://panel.example', 'https://panel.example:8443'];
  for (const url of origins) isClosed(() => openKey(secret, { ...place, url }, sealed));
});

test('a sealed key with any bit turned, cut or of another version does not open', () => {
  const sealed = sealKey(secret, place, key);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const turned = Uint8Array.from(sealed);
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    isClosed(() => openKey(secret, place, turned));
  }
  for (let length = 0; length < sealed.length; length += 1) {
    isClosed(() => openKey(secret, place, sealed.subarray(0, length)));
  }
});

test('an origin is scheme, host and port', () => {
  const url = 'https://panel.example/api/v2';
  assert(isSameOrigin(url, 'https://Panel.Example:443/api'));
  assert(!isSameOrigin(url, 'http://panel.example/api/v2'));
  assert(!isSameOrigin(url, 'https://panel.example:444/api/v2'));
  assert(!isSameOrigin(url, 'https://api.panel.example/api/v2'));
});
