/** The last two minutes of one person's attention, drawn in a large tile. */

import { drawLine, type Series } from "../../lanes/draw.ts";
import { paintOn } from "../../lanes/plot.tsx";
import { look, type Showing } from "../../states/showing.ts";

const KEPT_S = 120;
/** The shortest time shown, seconds. */
const MIN_SPAN_S = 30;

export class Trace {
  readonly #canvas: HTMLCanvasElement;
  readonly #seconds: number[] = [];
  readonly #values: (number | null)[] = [];
  #drawn = "";

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    canvas.setAttribute("aria-hidden", "true");
  }

  /** Keeps one value a second, the last one. */
  add(attention: number | null, nowMs: number): void {
    const atS = Math.floor(nowMs / 1000);
    if (this.#seconds.at(-1) === atS) {
      this.#values[this.#values.length - 1] = attention;
      return;
    }
    this.#seconds.push(atS);
    this.#values.push(attention);
    if (this.#seconds.length > KEPT_S) {
      this.#seconds.shift();
      this.#values.shift();
    }
  }

  /** Draws once a second and when the state changes. */
  draw(showing: Showing): void {
    const nowS = this.#seconds.at(-1) ?? 0;
    if (this.#drawn === `${nowS} ${showing}`) return;
    this.#drawn = `${nowS} ${showing}`;
    const series: Series = { seconds: this.#seconds, values: this.#values, top: 1 };
    paintOn(this.#canvas, (pen, widthPx, heightPx, ink) => {
      const firstS = this.#seconds[0] ?? nowS;
      const axis = { fromS: Math.min(firstS, nowS - MIN_SPAN_S), toS: nowS, widthPx };
      drawLine(pen, axis, heightPx, series, ink(look(showing).color));
    });
  }
}
