import { type Latencies, niceCeiling, type Quantiles } from '../latency.ts';
import { byId } from './dom.ts';

export const SPAN_MS = 60_000;
/** Each point of a line sums up this much of what came before it. */
export const WINDOW_MS = 10_000;
const STEP_MS = 1_000;
/** The axis never shows less than this, so that noise does not look like trouble. */
const AXIS_MS_MIN = 2;

const MARGIN = { top: 8, right: 8, bottom: 22, left: 54 };

interface Colours {
  readonly grid: string;
  readonly text: string;
  readonly dot: string;
  readonly p50: string;
  readonly p95: string;
  readonly font: string;
}

/** A point of the two lines. */
interface Point {
  readonly atMs: number;
  readonly quantiles: Quantiles | null;
}

/** The latencies of the last minute on the one canvas: each call a dot, p50 and p95 lines. */
export class Plot {
  readonly #canvas = byId('plot', HTMLCanvasElement);
  readonly #latencies: Latencies;
  #past: readonly Point[] = [];
  #axisMs = AXIS_MS_MIN;

  constructor(latencies: Latencies) {
    this.#latencies = latencies;
  }

  draw(nowMs: number): void {
    const pen = this.#canvas.getContext('2d');
    if (pen === null) return;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#fit(pen, width, height);
    this.#sumUp(nowMs);
    const points = [
      ...this.#past,
      { atMs: nowMs, quantiles: this.#past.at(-1)?.quantiles ?? null },
    ];
    const frame = new Frame(pen, width, height, nowMs, this.#axisMs, coloursOf(this.#canvas));
    frame.axes();
    frame.dots(this.#latencies);
    frame.line(points, 'p95');
    frame.line(points, 'p50');
  }

  /** One pixel of the canvas for each of the screen. */
  #fit(pen: CanvasRenderingContext2D, width: number, height: number): void {
    const ratio = window.devicePixelRatio;
    const [pixels, lines] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== pixels || this.#canvas.height !== lines) {
      this.#canvas.width = pixels;
      this.#canvas.height = lines;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
  }

  /** At whole steps, so that the lines move and do not change shape, and once for each step. */
  #sumUp(nowMs: number): void {
    const last = Math.floor(nowMs / STEP_MS) * STEP_MS;
    if (this.#past.at(-1)?.atMs === last) return;
    const steps = Array.from({ length: SPAN_MS / STEP_MS + 1 }, (_, step) => step).reverse();
    this.#past = steps.map((step) => {
      const atMs = last - step * STEP_MS;
      return { atMs, quantiles: this.#latencies.quantiles(atMs, WINDOW_MS) };
    });
    this.#axisMs = this.#scale(nowMs);
  }

  /** Room for both lines and nearly all dots: a lone slow call must not flatten the rest. */
  #scale(nowMs: number): number {
    const all = this.#latencies.quantiles(nowMs, SPAN_MS);
    const greatest = Math.max(...this.#past.map(({ quantiles }) => quantiles?.p95 ?? 0));
    return niceCeiling(Math.max(AXIS_MS_MIN, greatest * 1.1, (all?.p95 ?? 0) * 1.5));
  }
}

function coloursOf(canvas: HTMLCanvasElement): Colours {
  const style = getComputedStyle(canvas);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ...{ grid: of('--line'), text: of('--muted'), dot: of('--dot') },
    ...{ p50: of('--p50'), p95: of('--p95'), font: style.fontFamily },
  };
}

/** One drawing of the plot. */
class Frame {
  readonly #pen: CanvasRenderingContext2D;
  readonly #nowMs: number;
  readonly #axisMs: number;
  readonly #colours: Colours;
  readonly #right: number;
  readonly #bottom: number;

  constructor(
    pen: CanvasRenderingContext2D,
    width: number,
    height: number,
    nowMs: number,
    axisMs: number,
    colours: Colours,
  ) {
    this.#pen = pen;
    this.#nowMs = nowMs;
    this.#axisMs = axisMs;
    this.#colours = colours;
    this.#right = width - MARGIN.right;
    this.#bottom = height - MARGIN.bottom;
  }

  axes(): void {
    const pen = this.#pen;
    pen.font = `12px ${this.#colours.font}`;
    pen.fillStyle = this.#colours.text;
    pen.strokeStyle = this.#colours.grid;
    pen.lineWidth = 1;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    for (const share of [0, 0.5, 1]) {
      const ms = this.#axisMs * share;
      // Half a pixel off, so that a thin line covers one row of pixels.
      const y = Math.round(this.#y(ms)) + 0.5;
      pen.beginPath();
      pen.moveTo(MARGIN.left, y);
      pen.lineTo(this.#right, y);
      pen.stroke();
      pen.fillText(share === 1 ? `${ms} ms` : `${ms}`, MARGIN.left - 8, Math.max(y, 8));
    }
    pen.textBaseline = 'alphabetic';
    const labels = [
      [60, 'left', '60 s ago'],
      [30, 'center', '30 s'],
      [0, 'right', 'now'],
    ] as const;
    for (const [seconds, align, label] of labels) {
      pen.textAlign = align;
      pen.fillText(label, this.#x(this.#nowMs - seconds * 1_000), this.#bottom + 17);
    }
  }

  dots(latencies: Latencies): void {
    this.#pen.fillStyle = this.#colours.dot;
    for (const { atMs, ms } of latencies.samples) {
      const x = this.#x(atMs);
      if (x < MARGIN.left) continue;
      this.#pen.beginPath();
      this.#pen.arc(x, this.#y(ms), 1.75, 0, 2 * Math.PI);
      this.#pen.fill();
    }
  }

  line(points: readonly Point[], which: keyof Quantiles): void {
    const pen = this.#pen;
    pen.strokeStyle = this.#colours[which];
    pen.lineWidth = 2;
    pen.lineJoin = 'round';
    // Told apart without colours, too.
    pen.setLineDash(which === 'p95' ? [5, 4] : []);
    pen.beginPath();
    let isDown = false;
    for (const { atMs, quantiles } of points) {
      const x = this.#x(atMs);
      if (quantiles === null || x < MARGIN.left) {
        isDown = false;
        continue;
      }
      if (isDown) pen.lineTo(x, this.#y(quantiles[which]));
      else pen.moveTo(x, this.#y(quantiles[which]));
      isDown = true;
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  #x(atMs: number): number {
    const share = 1 - (this.#nowMs - atMs) / SPAN_MS;
    return MARGIN.left + share * (this.#right - MARGIN.left);
  }

  /** What is beyond the axis lies on its end. */
  #y(ms: number): number {
    const share = Math.min(ms / this.#axisMs, 1);
    return this.#bottom - share * (this.#bottom - MARGIN.top);
  }
}
