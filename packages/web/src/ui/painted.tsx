import { useEffect, useRef } from 'react';

/** Names of the colours of style.css. */
export type Colour = 'line' | 'accent' | 'warn' | 'bad';

interface Props {
  /** What it shows, for those who don't see it. */
  readonly label: string;
  /** How high it is, in pixels, where it is so wide. */
  readonly height: (width: number) => number;
  readonly paint: (context: CanvasRenderingContext2D, width: number, colour: (name: Colour) => string) => void;
}

/** A picture as wide as its place, painted again when that or the theme changes, and whenever `paint` is another function. */
export function Painted({ label, height, paint }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const draw = () => {
      const width = element.parentElement!.clientWidth;
      const high = height(width);
      element.width = width * devicePixelRatio;
      element.height = high * devicePixelRatio;
      element.style.width = `${width}px`;
      element.style.height = `${high}px`;
      const context = element.getContext('2d')!;
      context.scale(devicePixelRatio, devicePixelRatio);
      const style = getComputedStyle(document.documentElement);
      paint(context, width, (name) => style.getPropertyValue(`--${name}`));
    };
    const watcher = new ResizeObserver(draw);
    watcher.observe(element.parentElement!);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      watcher.disconnect();
      theme.disconnect();
    };
  }, [height, paint]);
  return (
    <div className="w-full overflow-hidden">
      <canvas ref={canvas} role="img" aria-label={label} className="block" />
    </div>
  );
}
