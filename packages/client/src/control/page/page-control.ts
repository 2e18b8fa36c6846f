import {
  type CallOptions,
  type ControlApi,
  type ControlName,
  type ControlParams,
  type ControlResult,
  controlCommands,
  foldName,
  PeerageError,
} from '@peerage/contract';
import type { AllowedFolders } from './allowed-folders.ts';

/** The facade as the page may use it: the same commands, but paths only inside the allowed folders. */
export function pageControl(control: ControlApi, folders: AllowedFolders): ControlApi {
  const guards: { readonly [C in ControlName]?: (params: ControlParams<C>) => Promise<ControlParams<C>> } = {
    async upload_file(params) {
      if (params.path === undefined || params.group === undefined) {
        throw new PeerageError('usage', 'the page names path and group of what it shares');
      }
      return { ...params, path: await folders.admit(params.path) };
    },
    async download_file(params) {
      await folders.admit(params.destination, { isNew: true });
      return params;
    },
    // A shell may have fetched to anywhere; what the page may not see it may not remove.
    async cancel_download(params) {
      if (params.data !== 'remove') return params;
      const { downloads } = await control.call('show_downloads', {});
      for (const { group, file, destination } of downloads) {
        const isMeant = foldName(group) === foldName(params.group) && file === params.file.normalize('NFC');
        if (isMeant) await folders.admit(destination, { isNew: true });
      }
      return params;
    },
  };
  return {
    async call<C extends ControlName>(
      command: C,
      params: ControlParams<C>,
      options?: CallOptions,
    ): Promise<ControlResult<C>> {
      const guard: ((params: ControlParams<C>) => Promise<ControlParams<C>>) | undefined = guards[command];
      if (!guard) return control.call(command, params, options);
      // Words that have not the form of the command are the facade's to refuse.
      const { success } = controlCommands[command].params.safeParse(params);
      return control.call(command, success ? await guard(params) : params, options);
    },
    subscribe: (listener) => control.subscribe(listener),
  };
}
