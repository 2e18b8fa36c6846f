import { keyParts } from '../domain/entities.ts';
import { type Device, type Role, rolesOf, type ShareKey, shareKey } from './online-device.ts';

/** Who takes part in which share. Always true: it holds exactly the roles that the devices had when it was told of them last. */
export class Sharers {
  readonly #byShare = new Map<string, Map<string, Role>>();
  readonly #onChange: (share: ShareKey) => void;

  /** `onChange` hears of every share of which a device's role, or its addresses, are others. */
  constructor(onChange: (share: ShareKey) => void) {
    this.#onChange = onChange;
  }

  /** Works out the roles of a device of which something changed; `moved`: its addresses too. */
  follow(known: Device, moved: boolean): void {
    const roles = rolesOf(known);
    const changed = new Set<string>();
    for (const key of known.roles.keys()) if (!roles.has(key)) changed.add(key);
    for (const [key, role] of roles) if (moved || known.roles.get(key) !== role) changed.add(key);
    known.roles = roles;
    for (const key of changed) this.#set(key, known.device, roles.get(key));
  }

  /** The devices that take part in a share. */
  of(share: ShareKey): ReadonlyMap<string, Role> {
    return this.#byShare.get(shareKey(share)) ?? NOBODY;
  }

  #set(key: string, device: string, role: Role | undefined): void {
    const sharers = this.#byShare.get(key) ?? new Map<string, Role>();
    if (role) sharers.set(device, role);
    else sharers.delete(device);
    if (sharers.size > 0) this.#byShare.set(key, sharers);
    else this.#byShare.delete(key);
    const [gid = '', infoHash = ''] = keyParts(key);
    this.#onChange({ gid, infoHash });
  }
}

const NOBODY: ReadonlyMap<string, Role> = new Map();
