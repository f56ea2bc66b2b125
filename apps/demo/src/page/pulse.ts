import type { Client } from '@swarm/core/client';
import type { Demo } from '../contract.ts';
import { Latencies } from '../latency.ts';
import { byId, duration } from './dom.ts';
import { Plot, SPAN_MS, WINDOW_MS } from './plot.ts';

const PULSE_MS = 250;
/** Calls this early are not counted. */
const WARM_UP_MS = 1_000;
/** Some more than the pulse makes in the time that is shown. */
const SAMPLES_MAX = 400;
/** The drawing moves slowly: more often would be work that nobody sees. */
const DRAW_MS = 200;
/** For those who want no motion, and for numbers that are to be read. */
const CALM_MS = 1_000;

/** Calls this page's node again and again, and shows how long it takes. */
export function startPulse(client: Client<Demo>): void {
  const latencies = new Latencies(SPAN_MS + WINDOW_MS, SAMPLES_MAX);
  const plot = new Plot(latencies);
  let isBusy = false;
  let count = 0;
  let openMs = Number.POSITIVE_INFINITY;
  client.events.on('open', () => {
    openMs = performance.now();
  });
  setInterval(async () => {
    // A page that is being built measures itself.
    if (performance.now() < openMs + WARM_UP_MS) return;
    // A hidden page's timers are late, and so would its numbers be.
    if (isBusy || !client.isOpen || document.hidden) return;
    isBusy = true;
    const startMs = performance.now();
    const { ok } = await client.with({ timeoutMs: 5_000 }).call.add.safe(count, 1);
    const atMs = performance.now();
    isBusy = false;
    if (!ok) return;
    count += 1;
    latencies.add({ atMs, ms: atMs - startMs });
  }, PULSE_MS);
  setInterval(() => showNumbers(latencies, count), CALM_MS);
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  let drawnMs = 0;
  const draw = (nowMs: number) => {
    requestAnimationFrame(draw);
    if (nowMs - drawnMs < (isCalm.matches ? CALM_MS : DRAW_MS)) return;
    drawnMs = nowMs;
    plot.draw(nowMs);
  };
  requestAnimationFrame(draw);
}

function showNumbers(latencies: Latencies, count: number): void {
  const quantiles = latencies.quantiles(performance.now(), WINDOW_MS);
  const [p50, p95] =
    quantiles === null ? ['–', '–'] : [duration(quantiles.p50), duration(quantiles.p95)];
  byId('p50', HTMLElement).textContent = p50;
  byId('p95', HTMLElement).textContent = p95;
  byId('calls', HTMLElement).textContent = count.toLocaleString('en');
  byId('plot', HTMLElement).ariaLabel =
    `Latency of the last minute in milliseconds. Now: p50 ${p50}, p95 ${p95}.`;
}
