import { type ErrorCode, PeerageError } from '@peerage/contract/bare';
import { StoreError, type StoreFailure } from '@peerage/storage';

const codes: Record<StoreFailure, { reading: ErrorCode; writing: ErrorCode }> = {
  no_space: { reading: 'internal', writing: 'no_space' },
  read_only: { reading: 'path_not_readable', writing: 'path_not_writable' },
  permission: { reading: 'path_not_readable', writing: 'path_not_writable' },
  missing: { reading: 'path_not_found', writing: 'path_not_found' },
  changed: { reading: 'file_changed', writing: 'file_changed' },
  destination_exists: { reading: 'destination_exists', writing: 'destination_exists' },
  not_a_file: { reading: 'path_not_readable', writing: 'path_not_writable' },
  unsafe_name: { reading: 'unsafe_name', writing: 'unsafe_name' },
  newer_format: { reading: 'newer_format', writing: 'newer_format' },
  limit: { reading: 'limit', writing: 'limit' },
  io: { reading: 'path_not_readable', writing: 'path_not_writable' },
};

/** What a store could not do, in the product's one error table. Anything that is no store's failure comes back as it is. */
export function asPeerageError(error: unknown, doing: 'reading' | 'writing'): unknown {
  return error instanceof StoreError ? new PeerageError(codes[error.failure][doing], error.message) : error;
}
