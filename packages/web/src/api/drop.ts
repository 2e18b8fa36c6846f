import { errorFromWire } from '@peerage/contract';
import { pageHeaders } from './control.ts';

/** Hands a file that was dropped on the page to the client, which keeps it in its own folder. Resolves to its path there. */
export function sendDropped(file: File, signal: AbortSignal, onSent: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    // fetch can't tell how much of a request has been sent.
    const request = new XMLHttpRequest();
    request.open('PUT', `/page/dropped/${encodeURIComponent(file.name)}`);
    for (const [name, value] of Object.entries(pageHeaders())) request.setRequestHeader(name, value);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(new Error('the client on this machine does not answer: is it still running?'));
    request.onabort = () => reject(new Error('interrupted: nothing was shared'));
    request.onload = () => {
      const answer = JSON.parse(request.responseText) as { path: string } & { code: string; message: string };
      if (request.status === 200) resolve(answer.path);
      else reject(errorFromWire(answer));
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
