import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--allow-natives-syntax');

/**
 * Runs all microtasks now, from within a task. To wait for the platform to do so after every step
 * would take ten times as long. It does nothing when called from within a microtask.
 */
export const drainMicrotasks: () => void = new Function(
  '%PerformMicrotaskCheckpoint()',
) as () => void;
