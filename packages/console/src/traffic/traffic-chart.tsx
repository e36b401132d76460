import { useEffect, useRef } from 'react';
import Plot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../app/theme.ts';
import { lookOf } from './looks.ts';
import type { Traffic } from './traffic-query.ts';

/** Lines over time, one for each value. What they show stands in the table below, for those who do not see it. */
export function TrafficChart({ traffic }: { readonly traffic: Traffic }) {
  const theme = useTheme();
  return <Drawn key={theme} traffic={traffic} />;
}

function Drawn({ traffic }: { readonly traffic: Traffic }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    let plot: Plot | null = null;
    const draw = (): void => {
      plot?.destroy();
      plot = new Plot(optionsOf(traffic, current), dataOf(traffic), current);
    };
    draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: current.clientWidth, height: HEIGHT }));
    resized.observe(current);
    // The colours are those of the theme, which the system may change.
    const scheme = globalThis.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      plot?.destroy();
    };
  }, [traffic]);
  return <div ref={place} className="chart" aria-hidden="true" />;
}

const HEIGHT = 260;
const compact = new Intl.NumberFormat('en', { notation: 'compact' });
const hour = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function dataOf({ times, values }: Traffic): Plot.AlignedData {
  return [[...times], ...values.map(({ counts }) => [...counts])];
}

function optionsOf({ times, values }: Traffic, place: HTMLElement): Plot.Options {
  const style = getComputedStyle(place);
  // A colour by the name of its token, as the theme has it: canvas knows no `light-dark()`.
  const colour = (token: string): string => {
    place.style.color = `var(${token})`;
    const resolved = style.color;
    place.style.color = '';
    return resolved;
  };
  const axis: Plot.Axis = {
    stroke: colour('--text-quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
    axes: [
      {
        ...axis,
        space: 90,
        size: 32,
        values: (_, ticks) =>
          ticks.map((time) => (step >= 86_400 ? day : ticks.length > 8 ? day : hour).format(time * 1000)),
      },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((count) => compact.format(count)) },
    ],
    series: [
      {},
      ...values.map(({ value }, at) => {
        const look = lookOf(at);
        return { label: value, stroke: colour(look.colour), width: 2, dash: [...look.dash], points: { show: false } };
      }),
    ],
  };
}
