import { PeerageError } from '@peerage/contract';
import type { FastifyError } from 'fastify';

/** What an answer says of something that failed; undefined for a defect of ours. */
export function refusalOf(error: unknown): PeerageError | undefined {
  if (error instanceof PeerageError) return error;
  const { code, validation, statusCode = 500 } = error as FastifyError;
  if (validation) {
    const first = validation[0];
    const where = `${(error as FastifyError).validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    return new PeerageError(
      'protocol',
      `the request does not fit the contract at ${where}: ${first?.message ?? 'not allowed'}`,
    );
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new PeerageError('limit', 'the body of the request is too large');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new PeerageError('protocol', 'the body must be application/json, for metainfo application/octet-stream');
  }
  if (statusCode >= 400 && statusCode < 500)
    return new PeerageError('protocol', 'the request can not be read as HTTP with a JSON body');
  return undefined;
}
