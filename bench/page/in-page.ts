/**
 * What runs in the measured page, before its own scripts: text, since no other code here knows a document. `probe.paint()` and `probe.filter(text)` answer milliseconds of the page's own clock,
 * which begins with the navigation; a change counts as shown behind the next frame.
 */
export const IN_PAGE = `(() => {
  const shown = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now()), 0));
  const painted = new Promise((resolve) => {
    const watcher = new MutationObserver(() => {
      if (!document.querySelector('tbody tr')) return;
      watcher.disconnect();
      shown(resolve);
    });
    watcher.observe(document, { childList: true, subtree: true });
  });
  const isOf = (command) => ({ name }) => name.endsWith('/v1/commands/' + command);
  globalThis.probe = {
    /** To the frame that shows the rows: from the navigation, and from the last byte of downloads and shares, before anything of them was read. */
    async paint() {
      const shownMs = await painted;
      // What came behind that frame answers a later question.
      const asked = performance.getEntriesByType('resource').filter(({ responseEnd }) => responseEnd < shownMs);
      const came = ['show_downloads', 'shares'].map((command) =>
        Math.max(...asked.filter(isOf(command)).map(({ responseEnd }) => responseEnd)));
      return { openMs: shownMs, paintMs: shownMs - Math.max(...came) };
    },
    /** From a text in the search field to the frame that shows what fits, and how many rows that are. */
    async filter(text) {
      const field = document.querySelector('input[type=search]');
      const table = document.querySelector('table');
      field.focus(); // as whoever types does before
      await new Promise(shown);
      return new Promise((resolve) => {
        const begunMs = performance.now();
        const watcher = new MutationObserver(() => {
          watcher.disconnect();
          shown((atMs) => resolve({ ms: atMs - begunMs, rows: Number(table.getAttribute('aria-rowcount')) }));
        });
        watcher.observe(table, { attributeFilter: ['aria-rowcount'] });
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
    },
  };
})()`;
