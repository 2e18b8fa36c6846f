import { useEffect, useState } from 'react';

export type Theme = 'light' | 'dark' | 'system';
/** A cookie, for cookies know no ports: the client listens on another one each time, and what is stored for a page is then gone. */
const COOKIE = 'peerage-theme';
const YEAR_S = 365 * 86_400;
const dark = matchMedia('(prefers-color-scheme: dark)');

const stored = (): Theme => {
  const value = new RegExp(`(?:^|; )${COOKIE}=([a-z]+)`).exec(document.cookie)?.[1];
  return value === 'light' || value === 'dark' ? value : 'system';
};

function applyTheme(theme: Theme = stored()): void {
  const now = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset['theme'] = now;
}

/** As `applyTheme`, and again whenever the system changes its mind. */
export function followTheme(): void {
  applyTheme();
  dark.addEventListener('change', () => applyTheme());
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  useEffect(() => {
    const seconds = theme === 'system' ? 0 : YEAR_S;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `${COOKIE}=${theme}; path=/; max-age=${seconds}; samesite=strict`;
    applyTheme(theme);
  }, [theme]);
  return [theme, setTheme];
}
