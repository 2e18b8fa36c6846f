import {
  type CallOptions,
  type ControlApi,
  type ControlEvent,
  type ControlName,
  type ControlParams,
  type ControlResult,
  controlCommands,
  PeerageError,
} from '@peerage/contract';

type Answers = {
  readonly [C in ControlName]?: (
    params: ControlParams<C>,
    options: CallOptions,
  ) => ControlResult<C> | Promise<ControlResult<C>>;
};

/**
 * A client for tests of the shell: answers what it is told to, refuses everything else with `internal`, and holds both sides to the
 * contract: parameters and results that its schemas do not allow fail the test.
 */
export class MemoryControl implements ControlApi {
  readonly calls: { command: ControlName; params: unknown }[] = [];
  readonly #answers: Answers;
  readonly #listeners = new Set<(event: ControlEvent) => void>();

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async call<C extends ControlName>(
    command: C,
    params: ControlParams<C>,
    options: CallOptions = {},
  ): Promise<ControlResult<C>> {
    const declared = controlCommands[command];
    this.calls.push({ command, params: declared.params.parse(params) });
    const answer: Answers[C] = this.#answers[command];
    if (!answer) throw new PeerageError('internal', `${command} comes with a later version`);
    return declared.result.parse(await answer(params, options)) as ControlResult<C>;
  }

  subscribe(listener: (event: ControlEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: ControlEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** A command that runs until it is interrupted, as `wait` may. */
export const untilInterrupted = (_params: unknown, { signal }: CallOptions): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new PeerageError('interrupted', 'interrupted')), { once: true });
  });
