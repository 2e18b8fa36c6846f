import type { ControlResult } from '@peerage/contract';
import type { Following } from './command.ts';

type Downloads = ControlResult<'show_downloads'>['downloads'];

/** Looks at the downloads now and after each change, until `isEnough` says so or an interruption comes; answers as they stood last. */
export async function followDownloads(
  { control, signal }: Pick<Following, 'control' | 'signal'>,
  isEnough: (downloads: Downloads) => boolean,
): Promise<Downloads> {
  let change = Promise.withResolvers<void>();
  const onChange = () => change.resolve();
  const unsubscribe = control.subscribe((event) => {
    if (event.type.startsWith('download') || event.type === 'user_changed' || event.type === 'resync') onChange();
  });
  signal?.addEventListener('abort', onChange, { once: true });
  try {
    for (;;) {
      const { downloads } = await control.call('show_downloads', {});
      if (isEnough(downloads) || signal?.aborted) return downloads;
      await change.promise;
      change = Promise.withResolvers();
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener('abort', onChange);
  }
}
