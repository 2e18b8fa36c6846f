import type { ControlParams, ControlResult, PeerageError, Progress } from '@peerage/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { commandWords, type ShellCommand } from '../shell/command-words.ts';
import { noteCommand } from '../shell/last-command.tsx';
import { control } from './control.ts';

/** A command that takes its time: how far it is, and what ends it. It ends with the component that started it. */
export function useLongCommand<C extends ShellCommand>(
  command: C,
  done?: (result: ControlResult<C>, params: ControlParams<C>) => void,
) {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const run = useMutation<ControlResult<C>, PeerageError, ControlParams<C>>({
    mutationFn: (params) => {
      stop.current = new AbortController();
      return control.call(command, params, { signal: stop.current.signal, onProgress: setProgress });
    },
    onSuccess: (result, params) => {
      noteCommand(commandWords(command, params));
      void queries.invalidateQueries();
      done?.(result, params);
    },
    onSettled: () => setProgress(null),
  });
  return { ...run, progress, stop: () => stop.current?.abort() };
}
