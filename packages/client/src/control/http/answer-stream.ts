import type { ServerResponse } from 'node:http';
import { ANSWER_LINES, type AnswerLine } from '@peerage/contract';
import { controlLimits } from './limits.ts';

/** An answer that is given while its command runs, one line for each thing to say. */
export class AnswerStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': ANSWER_LINES, 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  /** Left out for a caller who does not read: what counts is how it ends. */
  tell(line: AnswerLine): void {
    if (this.#response.writableLength < controlLimits.waitingBytes) this.#write(line);
  }

  end(line: AnswerLine): void {
    this.#write(line);
    this.#response.end();
  }

  #write(line: AnswerLine): void {
    this.#response.write(`${JSON.stringify(line)}\n`);
  }
}
