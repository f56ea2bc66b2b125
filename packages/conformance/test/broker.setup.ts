import { installMissing } from './broker-install.ts';

/** Before tests that use a broker, and only if any of them is part of the run. */
export default function setup(): Promise<void> {
  return installMissing(['redis', 'nats']);
}
