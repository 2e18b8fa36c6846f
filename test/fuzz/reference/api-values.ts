const isHex = (value: unknown, bytes: number): boolean =>
  typeof value === 'string' &&
  value.length === bytes * 2 &&
  [...value].every((digit) => '0123456789abcdef'.includes(digit));
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isText =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value.length >= least && value.length <= most;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown): boolean =>
    words.includes(value as string);
const isList =
  (most: number) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.length <= most;

/** What must hold for a value of that name wherever it passed a schema of the contract. A name that means two things stands with its holder. */
const rules: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: (value) => isHex(value, 16),
  userId: (value) => isHex(value, 16),
  deviceId: (value) => isHex(value, 16),
  group: (value) => isHex(value, 16),
  commandId: (value) => isHex(value, 16),
  nonce: (value) => isHex(value, 16),
  infoHash: (value) => isHex(value, 20),
  sha1: (value) => isHex(value, 20),
  device: (value) => isHex(value, 32),
  challenge: (value) => isHex(value, 32),
  signature: (value) => isHex(value, 64),
  pin: (value) => value === null || isHex(value, 32),
  token: isText(32, 128),
  password: isText(1, 1024),
  current: (value) => isBoolean(value) || isText(1, 1024)(value),
  next: isText(1, 1024),
  host: isText(1, 64),
  port: (value) => isCount(value) && Number(value) >= 1024 && Number(value) <= 65_535,
  owner: isText(1, 80),
  by: isText(1, 80),
  newOwner: isText(1, 80),
  members: (value) => isCount(value) || Array.isArray(value),
  requests: (value) => isCount(value) || Array.isArray(value),
  size: isCount,
  pieces: isCount,
  folderFiles: isCount,
  seeders: isCount,
  since: isCount,
  nowMs: isCount,
  addedAt: isCount,
  requestedAt: isCount,
  presenceSession: isCount,
  version: (value) => isCount(value) || typeof value === 'string',
  lagMs: (value) => typeof value === 'number' && value >= 0,
  ttlMs: (value) => isCount(value) && Number(value) > 0,
  settled: isBoolean,
  ended: isBoolean,
  online: isBoolean,
  sharedByYou: isBoolean,
  ifListed: isBoolean,
  complete: isBoolean,
  ok: isBoolean,
  standing: isOneOf('owner', 'member', 'pending', 'none'),
  role: isOneOf('seeder', 'leecher', 'owner', 'member'),
  state: isOneOf('active', 'password_needed', 'revoked', 'following', 'unreachable', 'refused'),
  decision: isOneOf('accept', 'reject'),
  addresses: isList(8),
  downloading: isList(10_000),
  withheld: isList(10_000),
};

const namesWithObjects = new Set(['group', 'device', 'version']);

/** The first value in there that the contract does not allow, by its name; undefined where all are right. */
export function wrongValue(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const isHolder = namesWithObjects.has(key) && typeof item === 'object' && item !== null;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule !== undefined && !isHolder && item !== undefined && !rule(item))
      return `${key}: ${JSON.stringify(item)?.slice(0, 100)}`;
    const inside = wrongValue(item);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
