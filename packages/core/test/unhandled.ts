/** What a program would be ended by: rejections that nobody handles while `act` is done. */
export async function unhandledDuring(act: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  // Vitest's own listeners would report what is looked for here.
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => reasons.push(reason));
  try {
    await act();
    await new Promise((resolve) => setImmediate(resolve));
    return reasons;
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}
