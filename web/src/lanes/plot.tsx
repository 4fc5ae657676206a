/** A canvas that draws itself anew when its data, its size or the theme changes. */

import { type ReactNode, useEffect, useRef } from "react";
import type { Ink, Pen } from "./draw.ts";

export type Drawing = (pen: Pen, widthPx: number, heightPx: number, ink: Ink) => void;

interface PlotProps {
  readonly heightPx: number;
  readonly draw: Drawing;
  /** What the picture says, in a sentence; empty for decoration. */
  readonly label: string;
  readonly children?: ReactNode;
}

const HIDDEN = { "aria-hidden": true } as const;

export function Plot({ heightPx, draw, label, children }: PlotProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const paint = (): void => paintOn(element, draw);
    paint();
    const sized = new ResizeObserver(paint);
    sized.observe(element);
    const themed = new MutationObserver(paint);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      sized.disconnect();
      themed.disconnect();
    };
  }, [draw]);
  return (
    <span className="plot" style={{ height: heightPx }}>
      <canvas ref={canvas} {...(label === "" ? HIDDEN : { role: "img", "aria-label": label })} />
      {children}
    </span>
  );
}

/** Draws once, in device pixels. */
export function paintOn(canvas: HTMLCanvasElement, draw: Drawing): void {
  const { width, height } = canvas.getBoundingClientRect();
  if (width === 0 || height === 0) return;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  draw(pen, width, height, (token) => style.getPropertyValue(token).trim());
}
