import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { foldName } from '@peerage/contract';
import type { OrderedWrites } from './ordered-writes.ts';

/** A device key: one per home and user; the private half never leaves the home (security.md, "Identity"). */
export interface DeviceKey {
  /** Raw Ed25519 public key, 64 hex digits. */
  readonly publicKey: string;
  sign(statement: Uint8Array): Uint8Array;
  /** PKCS#8 PEM, for the library only. */
  readonly pem: string;
}

/** A user of this home: who he is to the trackers, and the key that this device logs in with. */
export interface Identity {
  readonly uid: string;
  readonly name: string;
  /** This device's id, as the tracker gave it at the first login; '' before that. */
  readonly deviceId: string;
  readonly key: DeviceKey;
}

function deviceKeyOf(privateKey: KeyObject): DeviceKey {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    publicKey: spki.subarray(spki.length - 32).toString('hex'), // an Ed25519 SPKI ends with the 32 raw bytes (RFC 8410)
    sign: (statement) => sign(null, statement, privateKey),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export const newDeviceKey = (): DeviceKey => deviceKeyOf(generateKeyPairSync('ed25519').privateKey);

interface Row {
  uid: string;
  name: string;
  device_id: string;
  private_key: string;
}

const identityOf = (row: Row): Identity => ({
  uid: row.uid,
  name: row.name,
  deviceId: row.device_id,
  key: deviceKeyOf(createPrivateKey(row.private_key)),
});

/** The users who have a device key in this home, and which one of them logs in by itself at the next start. */
export class Identities {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;

  constructor(database: DatabaseSync, writes: OrderedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  byName(name: string): Identity | undefined {
    const rows = this.#database.prepare('SELECT * FROM identities').all() as unknown as Row[];
    const row = rows.find((candidate) => foldName(candidate.name) === foldName(name));
    return row && identityOf(row);
  }

  /** Who was logged in when the client ended. */
  loggedIn(): Identity | undefined {
    const row = this.#database.prepare('SELECT * FROM identities WHERE logged_in = 1').get() as unknown as
      | Row
      | undefined;
    return row && identityOf(row);
  }

  save(identity: Identity): void {
    const upsert = this.#database.prepare(
      `INSERT INTO identities (uid, name, device_id, private_key, logged_in) VALUES (?, ?, ?, ?, 0)
       ON CONFLICT (uid) DO UPDATE SET name = excluded.name, device_id = excluded.device_id, private_key = excluded.private_key`,
    );
    this.#writes.now(() => upsert.run(identity.uid, identity.name, identity.deviceId, identity.key.pem));
  }

  /** null: nobody logs in by himself at the next start. A full disk keeps nobody from leaving. */
  setLoggedIn(uid: string | null): void {
    const update = this.#database.prepare('UPDATE identities SET logged_in = (uid = ?)');
    if (uid === null) this.#writes.soon(() => update.run(''));
    else this.#writes.now(() => update.run(uid));
  }
}
