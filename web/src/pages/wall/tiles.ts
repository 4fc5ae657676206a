/**
 * The tiles as plain DOM: made once, then only what changed is touched, four times a second.
 *
 * One tab stop; arrows move inside. Tiles stand by seat and never move by themselves.
 */

import { decimal } from "../../lanes/words.ts";
import { glyphPath } from "../../states/glyph.tsx";
import { look } from "../../states/showing.ts";
import { nowMs } from "../../wire/viewing.ts";
import { type Grid, moved } from "./grid.ts";
import { type Person, sentence, sinceWords } from "./person.ts";
import { Trace } from "./trace.ts";

const SVG = "http://www.w3.org/2000/svg";

interface Tile {
  readonly cell: HTMLElement;
  readonly name: HTMLElement;
  readonly word: HTMLElement;
  readonly value: HTMLElement;
  readonly trace: Trace;
  person: Person | null;
  shown: string;
}

export class Tiles {
  readonly #root: HTMLElement;
  readonly #tiles = new Map<number, Tile>();
  readonly #pointed: (seat: number | null) => void;
  #order: number[] = [];
  #grid: Grid = { size: "small", columns: 1, tileHeightPx: 28, rows: 0 };
  #current = 0;

  constructor(root: HTMLElement, pointed: (seat: number | null) => void) {
    this.#root = root;
    this.#pointed = pointed;
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("focusin", ({ target }) => {
      this.#point(target);
      this.#tell();
    });
    root.addEventListener("pointerover", ({ target }) => this.#point(target));
    root.addEventListener("pointerleave", () => this.#pointed(null));
  }

  /** Draws everyone; `grid` says how large. */
  update(people: readonly Person[], grid: Grid, atMs: number): void {
    const isNewGrid = grid.size !== this.#grid.size || grid.columns !== this.#grid.columns;
    const isNewOrder =
      people.length !== this.#order.length || people.some(({ seat }, i) => seat !== this.#order[i]);
    this.#resize(grid);
    for (const person of people) this.#draw(person, atMs);
    if (isNewGrid || isNewOrder) this.#arrange(people.map(({ seat }) => seat));
  }

  /** Moves the keyboard to a seat. */
  focus(seat: number): void {
    const index = this.#order.indexOf(seat);
    if (index < 0) return;
    this.#moveTo(index);
  }

  #resize(grid: Grid): void {
    this.#grid = grid;
    this.#root.dataset.size = grid.size;
    this.#root.style.setProperty("--columns", String(grid.columns));
    this.#root.style.setProperty("--tile-height", `${grid.tileHeightPx}px`);
  }

  #arrange(order: number[]): void {
    this.#order = order;
    const rows: HTMLElement[] = [];
    for (let from = 0; from < order.length; from += this.#grid.columns) {
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      for (const seat of order.slice(from, from + this.#grid.columns)) {
        const tile = this.#tiles.get(seat);
        if (tile !== undefined) row.append(tile.cell);
      }
      rows.push(row);
    }
    this.#root.replaceChildren(...rows);
    this.#current = Math.min(this.#current, Math.max(0, order.length - 1));
    this.#setTabStop();
  }

  #draw(person: Person, atMs: number): void {
    const tile = this.#tiles.get(person.seat) ?? this.#make(person.seat);
    const isSmall = this.#grid.size === "small";
    const attention = person.attention === null ? "" : String(person.attention);
    tile.person = person;
    tile.trace.add(person.attention, atMs);
    if (this.#grid.size === "large") tile.trace.draw(person.showing);
    const words = sinceWords(person, atMs);
    setText(tile.name, isSmall ? person.initials : person.name);
    setText(tile.word, person.showing === "focused" ? look("focused").word : words);
    setText(tile.value, liveAttention(person));
    const shown = `${person.showing} ${attention} ${person.name} ${person.handUp}`;
    if (shown === tile.shown) return;
    tile.shown = shown;
    this.#redraw(tile, person, atMs);
  }

  #redraw({ cell }: Tile, person: Person, atMs: number): void {
    const isNewState = cell.dataset.state !== person.showing;
    cell.dataset.state = person.showing;
    cell.style.setProperty("--attention", String(person.attention ?? 0));
    cell.setAttribute("aria-label", sentence(person, atMs));
    cell.dataset.hand = String(person.handUp);
    if (!isNewState) return;
    cell.querySelector("svg")?.remove();
    const path = glyphPath(person.showing);
    if (path !== null) cell.append(glyph(path.d, path.isStroke));
  }

  #make(seat: number): Tile {
    const cell = part("tile");
    cell.setAttribute("role", "gridcell");
    cell.tabIndex = -1;
    cell.dataset.testid = "wall-tile";
    cell.dataset.seat = String(seat);
    const name = part("tile-name");
    const word = part("tile-word");
    const value = part("tile-value");
    const canvas = document.createElement("canvas");
    canvas.className = "tile-trace";
    cell.append(name, word, value, canvas, part("tile-bar"));
    const tile = { cell, name, word, value, trace: new Trace(canvas), person: null, shown: "" };
    this.#tiles.set(seat, tile);
    return tile;
  }

  #key(event: KeyboardEvent): void {
    const next = moved(this.#current, event.key, this.#order.length, this.#grid.columns);
    if (next === this.#current) return;
    event.preventDefault();
    this.#moveTo(next);
  }

  #moveTo(index: number): void {
    this.#current = index;
    this.#setTabStop();
    this.#tileAt(index)?.cell.focus();
  }

  #setTabStop(): void {
    for (const [i, seat] of this.#order.entries()) {
      const tile = this.#tiles.get(seat);
      if (tile !== undefined) tile.cell.tabIndex = i === this.#current ? 0 : -1;
    }
  }

  #tileAt(index: number): Tile | undefined {
    const seat = this.#order[index];
    return seat === undefined ? undefined : this.#tiles.get(seat);
  }

  /** The name of the tile in focus tells the time as of now. */
  #tell(): void {
    const tile = this.#tileAt(this.#current);
    if (tile?.person) tile.cell.setAttribute("aria-label", sentence(tile.person, nowMs()));
  }

  #point(target: EventTarget | null): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>(".tile") : null;
    const seat = cell?.dataset.seat;
    this.#pointed(seat === undefined ? null : Number(seat));
  }
}

/** What was measured before the person went says nothing about now. */
function liveAttention({ showing, attention }: Person): string {
  const isOld = showing === "tab_hidden" || showing === "left" || showing === "camera_off";
  return isOld || attention === null ? "" : decimal(attention);
}

function part(name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  return element;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function glyph(d: string, isStroke: boolean): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 8 8");
  svg.setAttribute("class", "tile-glyph");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  path.setAttribute("fill", isStroke ? "none" : "currentColor");
  path.setAttribute("stroke", isStroke ? "currentColor" : "none");
  path.setAttribute("stroke-width", "1.2");
  svg.append(path);
  return svg;
}
