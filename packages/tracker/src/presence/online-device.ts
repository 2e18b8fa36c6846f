import { type Entities, keyParts } from '../domain/entities.ts';
import type { Put } from '../domain/rule.ts';
import { type Address, believedAddresses } from './addresses.ts';

export interface ShareKey {
  readonly gid: string;
  readonly infoHash: string;
}

/** What a device says of itself. */
export interface Beat {
  readonly version: number;
  readonly addresses: readonly Address[];
  readonly downloading: readonly ShareKey[];
  readonly withheld: readonly ShareKey[];
}

/** What the store says of a device when it comes online. */
export interface DeviceFacts {
  readonly memberOf: readonly string[];
  readonly shares: readonly ShareKey[];
}

/** What a tracker tells the others of a device that is online at it: as it believes the device, not as the device claims. */
export interface ForwardedBeat extends Beat {
  readonly uid: string;
  readonly device: string;
  readonly presenceSession: number;
  readonly source: string;
}

export type Role = 'seeder' | 'leecher';

/** What is known of a device that is online. */
export interface Device {
  readonly uid: string;
  readonly device: string;
  readonly presenceSession: number;
  /** It sends its heartbeats to this tracker; else another one forwards them. */
  isHere: boolean;
  readonly memberOf: Set<string>;
  readonly intents: Set<string>;
  version: number;
  source: string;
  /** As the device names them. */
  claimed: readonly Address[];
  /** Those at which the device answered the tracker, by addressKey. */
  proven: Set<string>;
  addresses: Address[];
  downloading: Set<string>;
  withheld: Set<string>;
  expiresAtMs: number;
  /** Until then an event stream has to be opened, or a heartbeat to come; infinite while all is well. */
  suspectUntilMs: number;
  roles: Map<string, Role>;
}

export const shareKey = ({ gid, infoHash }: ShareKey): string => `${gid}/${infoHash}`;

/** A device that has said nothing yet. */
export const newDevice = (
  id: Pick<Device, 'uid' | 'device' | 'presenceSession'>,
  { memberOf, shares }: DeviceFacts,
): Device => ({
  ...id,
  isHere: false,
  memberOf: new Set(memberOf),
  intents: new Set(shares.map(shareKey)),
  version: -1,
  source: '',
  claimed: [],
  proven: new Set(),
  addresses: [],
  downloading: new Set(),
  withheld: new Set(),
  expiresAtMs: Number.POSITIVE_INFINITY,
  suspectUntilMs: Number.POSITIVE_INFINITY,
  roles: new Map(),
});

/** In which shares it takes part, by {@link shareKey}: those of the groups of which its user is a member. */
export function rolesOf(known: Device): Map<string, Role> {
  const roles = new Map<string, Role>();
  const inGroup = (key: string) => known.memberOf.has(key.slice(0, key.indexOf('/')));
  for (const key of known.downloading) if (inGroup(key)) roles.set(key, 'leecher');
  for (const key of known.intents) if (inGroup(key) && !known.withheld.has(key)) roles.set(key, 'seeder');
  return roles;
}

/** What the other trackers are told of it. */
export function forwarded(known: Device): ForwardedBeat {
  const shares = (keysOf: ReadonlySet<string>) =>
    [...keysOf].map((key) => {
      const [gid = '', infoHash = ''] = keyParts(key);
      return { gid, infoHash };
    });
  const { uid, device, presenceSession, version, source, addresses } = known;
  const { downloading, withheld } = known;
  return {
    uid,
    device,
    presenceSession,
    version,
    source,
    addresses,
    downloading: shares(downloading),
    withheld: shares(withheld),
  };
}

/** Works out which addresses are believed by now; whether they are others than before. */
export function readdress(known: Device): boolean {
  const addresses = believedAddresses(known.claimed, known.source, known.proven);
  const moved = JSON.stringify(known.addresses) !== JSON.stringify(addresses);
  known.addresses = addresses;
  return moved;
}

/** Takes a changed row into what is known of a device; whether it concerned it. */
export function learn(known: Device, { entity, key, value }: Put): boolean {
  if (entity === 'intent') {
    const [gid = '', infoHash = '', , device] = keyParts(key);
    if (device !== known.device) return false;
    if (value) known.intents.add(`${gid}/${infoHash}`);
    else known.intents.delete(`${gid}/${infoHash}`);
    return true;
  }
  if (entity === 'membership') {
    const [gid = '', uid] = keyParts(key);
    if (uid !== known.uid) return false;
    if ((value as Entities['membership'] | null)?.state === 'member') known.memberOf.add(gid);
    else known.memberOf.delete(gid);
    return true;
  }
  return false;
}
