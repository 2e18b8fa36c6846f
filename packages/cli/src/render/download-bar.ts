import type { Download } from '@peerage/contract';
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { bar, barWidth } from './bar.ts';
import { downloadLine } from './download-line.ts';
import type { Look } from './look.ts';

/** A download on one row while it is watched: as show_downloads says it, with a bar where there is room; too long a line is cut. */
export function downloadBar(download: Download, look: Look): string {
  const line = downloadLine(download, look);
  const { state, done, size } = download;
  const width = state === 'D' || state === 'V' ? barWidth(stringWidth(line), look) : 0;
  if (width > 0) return `${line}  ${bar(done, size, width, look)}`;
  return cliTruncate(line, look.columns ?? Number.MAX_SAFE_INTEGER, { position: 'middle' });
}
