// SPDX-License-Identifier: MIT
// Curves drawn with braille characters, which have two by four dots each; for terminals.
import pc from "picocolors";

export interface BrailleCurve {
  name: string;
  /** Of one length; x ascending. Points whose logarithm does not exist are left out on a logarithmic axis. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

/** One axis: what its ends are, and how a value on it is written. */
export interface BrailleAxis {
  low: number;
  high: number;
  isLogarithmic: boolean;
  text: (value: number) => string;
}

export interface BrailleSize {
  /** In characters, with the labels. */
  width: number;
  height: number;
}

const dotsAcross = 2;
const dotsDown = 4;
const blank = 0x2800;
// The bit of each dot of a character, by row and column.
const bits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const leastWidth = 24;

type Painter = (text: string) => string;

// By the order of the curves; as many as eyes tell apart.
const painters = (color: boolean): Painter[] => {
  const { blue, yellow, green, red, magenta, cyan } = pc.createColors(color);
  return [blue, yellow, green, red, magenta, cyan];
};

/** How many curves one drawing holds so that they can be told apart. */
export const mostCurves = (color: boolean): number => (color ? 6 : 1);

// 0 at the low end of an axis, 1 at the high one.
function placeOf(value: number, { low, high, isLogarithmic }: BrailleAxis): number {
  if (high === low) return 0.5;
  return isLogarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

function valueAt(place: number, { low, high, isLogarithmic }: BrailleAxis): number {
  return isLogarithmic ? low * (high / low) ** place : low + (high - low) * place;
}

class Canvas {
  readonly #columns: number;
  readonly #rows: number;
  readonly #cells: Uint8Array;
  readonly #owners: Int8Array;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#cells = new Uint8Array(columns * rows);
    this.#owners = new Int8Array(columns * rows).fill(-1);
  }

  get width(): number {
    return this.#columns * dotsAcross;
  }
  get height(): number {
    return this.#rows * dotsDown;
  }

  // A character has one color, that of the curve which came to it first.
  dot(x: number, y: number, owner: number): void {
    const cell = Math.floor(y / dotsDown) * this.#columns + Math.floor(x / dotsAcross);
    this.#cells[cell]! |= bits[y % dotsDown]![x % dotsAcross]!;
    if (this.#owners[cell] === -1) this.#owners[cell] = owner;
  }

  line(from: readonly [number, number], to: readonly [number, number], owner: number): void {
    const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
    for (let step = 0; step <= steps; step++) {
      const at = (axis: 0 | 1): number => Math.round(from[axis] + ((to[axis] - from[axis]) * step) / steps);
      this.dot(at(0), at(1), owner);
    }
  }

  // Characters of one color in a row are painted together.
  row(number: number, paint: readonly Painter[]): string {
    let text = "";
    const first = number * this.#columns;
    for (let from = first, to = from; from < first + this.#columns; from = to) {
      const owner = this.#owners[from]!;
      while (to < first + this.#columns && this.#owners[to] === owner) ++to;
      const characters = [...this.#cells.subarray(from, to)].map((cell) => String.fromCharCode(blank + cell)).join("");
      text += owner === -1 ? " ".repeat(to - from) : paint[owner % paint.length]!(characters);
    }
    return text;
  }
}

function draw(canvas: Canvas, curve: BrailleCurve, x: BrailleAxis, y: BrailleAxis, owner: number): void {
  let last: [number, number] | undefined;
  for (let i = 0; i < curve.x.length; i++) {
    const [across, up] = [placeOf(curve.x[i]!, x), placeOf(curve.y[i]!, y)];
    if (!(across >= 0 && across <= 1 && up >= 0 && up <= 1)) continue;
    const at: [number, number] = [Math.round(across * (canvas.width - 1)), Math.round((1 - up) * (canvas.height - 1))];
    canvas.line(last ?? at, at, owner);
    last = at;
  }
}

// Labels at the ends and between, where they do not run into each other.
function bottomLabels(x: BrailleAxis, columns: number): string {
  let line = "";
  for (const place of [0, 0.25, 0.5, 0.75, 1]) {
    const label = x.text(valueAt(place, x));
    const start =
      Math.round(place * (columns - 1)) - (place === 0 ? 0 : place === 1 ? label.length - 1 : label.length >> 1);
    if (line !== "" && start < line.length + 2) continue;
    line = line.padEnd(start) + label;
  }
  return line;
}

/**
 * Curves over one pair of axes, with the values at their ends, and below them the names of the curves where there are
 * several. Lines without a newline at the end of the last.
 */
export function brailleChart(
  curves: readonly BrailleCurve[],
  x: BrailleAxis,
  y: BrailleAxis,
  { width, height }: BrailleSize,
  color: boolean,
): string {
  const ticks = new Map(
    [0, 0.5, 1].map((place) => [Math.round((1 - place) * (height - 1)), y.text(valueAt(place, y))]),
  );
  const margin = Math.max(...[...ticks.values()].map((label) => label.length));
  const columns = Math.max(leastWidth, width - margin - 2);
  const canvas = new Canvas(columns, height);
  curves.forEach((curve, owner) => draw(canvas, curve, x, y, owner));
  const paint = painters(color);
  const rows = Array.from({ length: height }, (_, row) => {
    const label = (ticks.get(row) ?? "").padStart(margin);
    return `${label} ${ticks.has(row) ? "┤" : "│"}${canvas.row(row, paint)}`.trimEnd();
  });
  const edge = `${" ".repeat(margin)} └${"─".repeat(columns)}`;
  const legend = curves.map(({ name }, owner) => paint[owner % paint.length]!(`━ ${name}`)).join("   ");
  const names = curves.length > 1 ? [`${" ".repeat(margin + 2)}${legend}`] : [];
  return [...rows, edge, `${" ".repeat(margin + 2)}${bottomLabels(x, columns)}`, ...names].join("\n");
}
