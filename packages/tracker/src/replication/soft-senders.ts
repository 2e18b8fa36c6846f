import type { Telling } from '../events/news.ts';
import type { ForwardedBeat } from '../presence/online-device.ts';
import type { Presence, PresenceListener } from '../presence/presence.ts';
import type { PasswordTry } from '../throttle/login-throttle.ts';
import type { Link } from './link.ts';
import { SoftSender } from './soft-state.ts';

/** Tells all other trackers what happens here, each at its own pace. */
export class SoftSenders implements PresenceListener {
  readonly #senders: readonly SoftSender[];

  constructor(presence: Presence, links: Iterable<Link>) {
    this.#senders = Array.from(
      links,
      (link) =>
        new SoftSender(presence, (body, timeoutMs, mostBytes) =>
          link.call({ path: '/replica/soft', body, timeoutMs, mostBytes }),
        ),
    );
    presence.listen(this);
  }

  beat(beat: ForwardedBeat, isNew: boolean): void {
    for (const sender of this.#senders) sender.beat(beat, isNew);
  }

  gone(device: string, presenceSession: number): void {
    for (const sender of this.#senders) sender.gone(device, presenceSession);
  }

  tried(wrong: PasswordTry): void {
    for (const sender of this.#senders) sender.tried(wrong);
  }

  tells(telling: Telling): void {
    for (const sender of this.#senders) sender.tells(telling);
  }

  close(): void {
    for (const sender of this.#senders) sender.close();
  }
}
