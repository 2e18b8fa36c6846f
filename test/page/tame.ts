import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Fails where a name became more than text: an element, a script, a character that can't be seen or turns text around; or where it made the page wider than the window. The functions are text, since
 * nothing else here knows a document.
 */
export async function expectTame(page: Page): Promise<void> {
  expect(await page.evaluate<string[]>(WRONG)).toEqual([]);
}

const WRONG = `(() => {
  const wrong = [];
  if (globalThis.pwned !== undefined) wrong.push('a script ran');
  for (const element of document.querySelectorAll('img:not([src="/icon.svg"]), body script:not([src]), svg[onload], [onmouseover], [onerror], b[title]'))
    wrong.push('an element: ' + element.outerHTML.slice(0, 100));
  const hidden = /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (hidden.test(texts.currentNode.data)) wrong.push('a text: ' + JSON.stringify(texts.currentNode.data));
  for (const element of document.querySelectorAll('[title], [aria-label]'))
    for (const name of ['title', 'aria-label'])
      if (hidden.test(element.getAttribute(name) ?? '')) wrong.push(name + ': ' + JSON.stringify(element.getAttribute(name)));
  for (const element of [document.documentElement, document.querySelector('main')])
    if (element && element.scrollWidth > element.clientWidth)
      wrong.push(element.tagName + ' is ' + element.scrollWidth + ' wide, of ' + element.clientWidth);
  return wrong;
})()`;
