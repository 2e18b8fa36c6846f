import { execFileSync } from 'node:child_process';

const SUBNET = '10.98.77';
/** What one uplink carries, as tc says it; its payload is less by the heads of TCP, TLS and the wire: 95.4 % of it. */
const UPLINK_MBIT = 50;
export const UPLINK_BYTES_PER_SECOND = (UPLINK_MBIT * 1e6) / 8;

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });

export interface Place {
  readonly namespace: string;
  readonly host: string;
}

/**
 * Network namespaces on one bridge, each with an uplink of 50 Mbit/s where it is to have one (token bucket, 50 ms of queue, as a home
 * router); trackers run on the bridge's own address. Needs root and iproute2.
 */
export class ShapedNet {
  /** Where the trackers listen. */
  readonly hub = `${SUBNET}.1`;
  readonly places: readonly Place[];
  readonly #bridge = `pgb${process.pid}`;

  /** One place for each entry: true where its uplink is limited. */
  constructor(limited: readonly boolean[]) {
    this.places = limited.map((_, at) => ({ namespace: `pg${process.pid}-${at}`, host: `${SUBNET}.${10 + at}` }));
    try {
      run('ip', 'link', 'add', this.#bridge, 'type', 'bridge');
      run('ip', 'addr', 'add', `${this.hub}/24`, 'dev', this.#bridge);
      run('ip', 'link', 'set', this.#bridge, 'up');
      for (const [at, isLimited] of limited.entries()) this.#add(at, isLimited);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #add(at: number, isLimited: boolean): void {
    const { namespace, host } = this.places[at]!;
    const outside = `pgv${process.pid}-${at}`;
    run('ip', 'netns', 'add', namespace);
    run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    run('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    run('ip', 'link', 'set', outside, 'master', this.#bridge, 'up');
    run('ip', '-n', namespace, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
    run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    if (!isLimited) return;
    const bucket = ['tbf', 'rate', `${UPLINK_MBIT}mbit`, 'burst', '64kb', 'latency', '50ms'];
    run('tc', '-n', namespace, 'qdisc', 'add', 'dev', 'eth0', 'root', ...bucket);
  }

  close(): void {
    for (const { namespace } of this.places) ignoreMissing(() => run('ip', 'netns', 'del', namespace));
    ignoreMissing(() => run('ip', 'link', 'del', this.#bridge));
  }
}

/** What was never made needs no removal. */
function ignoreMissing(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!/Cannot (find|remove)|No such/.test(String((error as { stderr?: unknown }).stderr))) throw error;
  }
}
