import { fileURLToPath } from 'node:url';

/** Where a file of the repository is, seen from the compiled program as from its source. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../../../${file}`, import.meta.url));
}
