import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

/** Shorter lists are in the document as a whole, so that the browser's own search finds every line. */
const SHORT = 200;

interface Props<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** A line's usual height. */
  readonly linePx: number;
  readonly className: string;
  readonly lineClassName?: string;
  readonly children: (item: Item) => ReactNode;
}

/** A list of any length: of a long one only the lines in sight are in the document, between two empty spaces. What scrolls is the `main` around it. */
export function LongList<Item>({ items, keyOf, linePx, className, lineClassName, children }: Props<Item>) {
  const list = useRef<HTMLUListElement>(null);
  const [abovePx, setAbovePx] = useState(0);
  const isLong = items.length > SHORT;
  const scroller = () => list.current?.closest('main') ?? null;
  useLayoutEffect(() => {
    const outer = list.current?.closest('main');
    if (!isLong || !list.current || !outer) return;
    setAbovePx(list.current.getBoundingClientRect().top - outer.getBoundingClientRect().top + outer.scrollTop);
  }, [isLong]);
  const virtual = useVirtualizer({
    count: isLong ? items.length : 0,
    getScrollElement: scroller,
    estimateSize: () => linePx,
    overscan: 8,
    scrollMargin: abovePx,
    getItemKey: (index) => keyOf(items[index]!),
  });
  if (!isLong) {
    return (
      <ul className={className}>
        {items.map((item) => (
          <li key={keyOf(item)} className={lineClassName}>
            {children(item)}
          </li>
        ))}
      </ul>
    );
  }
  const lines = virtual.getVirtualItems();
  const above = (lines[0]?.start ?? abovePx) - abovePx;
  const below = virtual.getTotalSize() - ((lines.at(-1)?.end ?? abovePx) - abovePx);
  return (
    <ul ref={list} className={className} style={{ paddingTop: above, paddingBottom: below }}>
      {lines.map(({ index, key }) => (
        <li
          key={key}
          ref={virtual.measureElement}
          data-index={index}
          aria-setsize={items.length}
          aria-posinset={index + 1}
          className={lineClassName}
        >
          {children(items[index]!)}
        </li>
      ))}
    </ul>
  );
}
