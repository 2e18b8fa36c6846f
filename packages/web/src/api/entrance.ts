/**
 * How the page proves that it may speak with the client. A one-time code comes in the address's fragment (never sent to any server by itself); it is
 * exchanged once for a cookie and a secret. The secret stays in sessionStorage: a cookie knows no port, so the cookie alone opens nothing.
 */
const KEY = 'peerage.page';

export const storedSecret = (): string | null => sessionStorage.getItem(KEY);
export const forgetSecret = (): void => sessionStorage.removeItem(KEY);

/** The secret of this tab, after exchanging the code in the address if there is one; null where there is neither. */
export async function enter(): Promise<string | null> {
  const code = /^#code=([A-Za-z0-9_-]{1,128})$/.exec(location.hash)?.[1];
  if (!code) return storedSecret();
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/page/enter', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (!answer.ok) return storedSecret();
  const { secret } = (await answer.json()) as { secret: string };
  sessionStorage.setItem(KEY, secret);
  return secret;
}
