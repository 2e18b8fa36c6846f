import { type ErrorCode, errorTable, isErrorCode } from './table.ts';

/** A refusal that a person reads: one sentence without a final stop that says what is wrong and, where it helps, what to do. */
export class PeerageError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'PeerageError';
    this.code = code;
  }

  get exitCode(): number {
    return errorTable[this.code].exit;
  }

  get httpStatus(): number {
    return errorTable[this.code].http;
  }

  toJSON(): { code: ErrorCode; message: string } {
    return { code: this.code, message: this.message };
  }
}

/** The refusal inside a reply of the other side: an unknown code (a newer version's) becomes `internal` with its text kept. */
export function errorFromWire(body: { code: string; message: string }): PeerageError {
  return isErrorCode(body.code)
    ? new PeerageError(body.code, body.message)
    : new PeerageError('internal', `${body.message} (unknown code ${body.code})`);
}
