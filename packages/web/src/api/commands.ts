import type { ControlName, ControlParams, ControlResult, PeerageError } from '@peerage/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { commandWords, type ShellCommand } from '../shell/command-words.ts';
import { noteCommand } from '../shell/last-command.tsx';
import { control } from './control.ts';

const AGAIN_MS = 2_000;

/** What a command that only looks answers, kept until an event says that it changed; `passing`: that it will by itself, so that it is asked again. */
export function useLook<C extends ControlName>(
  command: C,
  params: ControlParams<C>,
  { passing = () => false, ...options }: { enabled?: boolean; passing?: (result: ControlResult<C>) => boolean } = {},
) {
  return useQuery<ControlResult<C>, PeerageError>({
    queryKey: [command, params],
    queryFn: () => control.call(command, params),
    refetchInterval: ({ state: { data } }) => (data !== undefined && passing(data) ? AGAIN_MS : false),
    ...options,
  });
}

/** A command that changes something; what the page shows is asked anew afterwards. */
export function useCommand<C extends ShellCommand>(
  command: C,
  done?: (result: ControlResult<C>, params: ControlParams<C>) => void,
) {
  const queries = useQueryClient();
  return useMutation<ControlResult<C>, PeerageError, ControlParams<C>>({
    mutationFn: (params) => control.call(command, params),
    onSuccess: (result, params) => {
      noteCommand(commandWords(command, params));
      void queries.invalidateQueries();
      done?.(result, params);
    },
  });
}
