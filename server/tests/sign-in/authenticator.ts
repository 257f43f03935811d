import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What makes passkeys in a test, in place of a phone or a security key. */
export type Authenticator = {
  /** Answers the options of a registration. */
  register: (options: { challenge: string; rp: { id: string } }) => object;
  /** Answers the options of a sign-in. */
  authenticate: (options: { challenge: string; rpId: string }) => object;
};

type Value = number | string | Uint8Array | Map<number | string, Value>;

const flags = { userPresent: 1, userVerified: 4, attested: 64 };

/** An authenticator with one ES256 key, on a page of `origin`; it may not ask who touches it. */
export function createAuthenticator(origin: string, { asksWho = true } = {}): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let counter = 0;

  const clientData = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

  function authenticatorData(rpId: string, attested: Uint8Array): Buffer {
    counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const who = asksWho ? flags.userVerified : 0;
    const flag = flags.userPresent | who | (attested.length > 0 ? flags.attested : 0);
    return Buffer.concat([sha256(rpId), Buffer.of(flag), count, attested]);
  }

  function coseKey(): Uint8Array {
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const at = (text: string): Uint8Array => Buffer.from(text, 'base64url');
    return encode(
      new Map<number, Value>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, at(x)],
        [-3, at(y)],
      ]),
    );
  }

  const credential = (response: object) => ({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });

  return {
    register: ({ challenge, rp }) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey()]);
      const attestation = encode(
        new Map<string, Value>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', authenticatorData(rp.id, attested)],
        ]),
      );
      return credential({
        clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
        attestationObject: Buffer.from(attestation).toString('base64url'),
        transports: ['internal'],
      });
    },
    authenticate: ({ challenge, rpId }) => {
      const client = clientData('webauthn.get', challenge);
      const data = authenticatorData(rpId, Buffer.alloc(0));
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      return credential({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
      });
    },
  };
}

function sha256(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The part of CBOR (RFC 8949) that WebAuthn needs: short integers, texts, bytes and maps. */
function encode(value: Value): Uint8Array {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const items = [...value].flatMap(([key, item]) => [encode(key), encode(item)]);
  return Buffer.concat([head(5, value.size), ...items]);
}

function head(kind: number, size: number): Uint8Array {
  if (size < 24) return Buffer.of((kind << 5) | size);
  if (size < 256) return Buffer.of((kind << 5) | 24, size);
  return Buffer.of((kind << 5) | 25, size >> 8, size & 255);
}
