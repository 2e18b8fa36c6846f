import { hlcTimeMs, keys } from './entities.ts';
import { type ActorContext, get, type Reading, scan } from './rule.ts';

export interface ListedDevice {
  readonly id: string;
  readonly label: string;
  readonly addedAt: number;
  readonly state: 'active' | 'password_needed' | 'revoked';
  readonly current: boolean;
}

/** The user's devices, the first known first. */
export function* listDevices(_query: object, { actor }: ActorContext): Reading<ListedDevice[]> {
  const credential = yield* get('credential', actor.uid);
  const devices: ListedDevice[] = [];
  const rows = [...(yield* scan('device', keys.device(actor.uid, '')))];
  for (const row of rows.sort((a, b) => a.value.addedAt - b.value.addedAt)) {
    const id = row.key.slice(actor.uid.length + 1);
    const login = yield* get('login', row.key);
    const active = login?.value.on && login.value.epoch === credential?.value.epoch;
    const state = row.value.revoked ? 'revoked' : active ? 'active' : 'password_needed';
    const { label, addedAt } = row.value;
    devices.push({ id, label, addedAt: hlcTimeMs(addedAt), state, current: id === actor.device });
  }
  return devices;
}
