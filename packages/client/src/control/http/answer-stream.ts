import type { ServerResponse } from 'node:http';
import { ANSWER_LINES, type AnswerLine } from '@peerage/contract';

/** What may wait for a caller who does not read; what comes on top is news of progress that the next one repeats. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** An answer that is given while its command runs, one line for each thing to say. */
export class AnswerStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': ANSWER_LINES, 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  tell(line: AnswerLine): void {
    if (this.#response.writableLength < MOST_WAITING_BYTES) this.#write(line);
  }

  end(line: AnswerLine): void {
    this.#write(line);
    this.#response.end();
  }

  #write(line: AnswerLine): void {
    this.#response.write(`${JSON.stringify(line)}\n`);
  }
}
