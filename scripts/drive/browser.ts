import { type Browser, chromium } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** A Chromium without a window, that asks nobody for anything but what its pages ask for. */
export const launchChromium = (executablePath = CHROMIUM): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // As root there is no sandbox.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
