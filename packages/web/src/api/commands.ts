import type { ControlName, ControlParams, ControlResult, PeerageError } from '@peerage/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { control } from './control.ts';

/** What a command that only looks answers, kept until an event says that it changed. */
export function useLook<C extends ControlName>(
  command: C,
  params: ControlParams<C>,
  options: { enabled?: boolean; refetchInterval?: number | false } = {},
) {
  return useQuery<ControlResult<C>, PeerageError>({
    queryKey: [command, params],
    queryFn: () => control.call(command, params),
    ...options,
  });
}

/** A command that changes something; what the page shows is asked anew afterwards. */
export function useCommand<C extends ControlName>(
  command: C,
  done?: (result: ControlResult<C>, params: ControlParams<C>) => void,
) {
  const queries = useQueryClient();
  return useMutation<ControlResult<C>, PeerageError, ControlParams<C>>({
    mutationFn: (params) => control.call(command, params),
    onSuccess: (result, params) => {
      void queries.invalidateQueries();
      done?.(result, params);
    },
  });
}
