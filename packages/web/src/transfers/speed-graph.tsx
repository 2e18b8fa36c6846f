import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { rate } from '../format/quantities.ts';

interface Sample {
  readonly down: number;
  readonly up: number;
}

const HEIGHT_PX = 150;

/** Rates of the last minutes, as the client kept them; the newest second is at the right. */
export function SpeedGraph({ history }: { readonly history: readonly Sample[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  useEffect(() => {
    const element = place.current!;
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element.clientWidth), [[], [], []], element);
    };
    make();
    const watcher = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watcher.observe(element);
    const theme = new MutationObserver(make);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      watcher.disconnect();
      theme.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => {
    const ago = history.map((_, at) => at - history.length + 1);
    plot.current?.setData([ago, history.map(({ down }) => down), history.map(({ up }) => up)]);
  }, [history]);
  const last = history.at(-1);
  return (
    <figure>
      <div ref={place} role="img" aria-label={`down ${rate(last?.down ?? 0)}, up ${rate(last?.up ?? 0)} now`} />
      {history.length === 0 ? <p className="text-sm text-muted">Nothing has moved in the last ten minutes.</p> : null}
    </figure>
  );
}

function optionsFor(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
  return {
    width,
    height: HEIGHT_PX,
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(max, 1000) * 1.1] } },
    axes: [
      { ...axis, values: (_, values) => values.map((seconds) => (seconds === 0 ? 'now' : `${-seconds} s ago`)) },
      { ...axis, size: 80, values: (_, values) => values.map((value) => rate(value)) },
    ],
    series: [
      {},
      { label: 'down', stroke: colour('accent'), width: 2 },
      { label: 'up', stroke: colour('warn'), width: 2, dash: [4, 3] },
    ],
  };
}
