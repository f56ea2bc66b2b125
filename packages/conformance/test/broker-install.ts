import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { BrokerKind } from '../src/broker/broker.ts';
import { type Finding, findBroker, missingText } from '../src/broker/program.ts';

export type Decision = 'use' | 'install' | 'skip' | 'fail';

/** What to do about a broker; a wrong variable is a mistake, not a missing broker. */
export function decide({ found, isNamed, isCi }: Finding, canInstall: boolean): Decision {
  if (found !== null) return 'use';
  if (isNamed) return 'fail';
  if (canInstall) return 'install';
  return isCi ? 'fail' : 'skip';
}

/**
 * Installs those that are missing where that can be done, which is on Debian with root's rights,
 * and tells about what is left. Whether that is a failure is for the tests that need one.
 */
export async function installMissing(kinds: readonly BrokerKind[]): Promise<void> {
  const canInstall = process.getuid?.() === 0 && isDebian(osRelease());
  const decisionOf = (kind: BrokerKind) => decide(findBroker(kind, process.env), canInstall);
  const missing = kinds.filter((kind) => decisionOf(kind) === 'install');
  if (missing.length > 0) {
    console.log(`broker tests: there is no ${missing.join(', ')}, so it is installed by apt-get`);
    await install(missing);
  }
  for (const kind of kinds) {
    const finding = findBroker(kind, process.env);
    if (finding.found === null) console.log(`broker tests: ${missingText(kind, finding)}`);
  }
}

/** Which services come with the packages, all of which would start, now and with the machine. */
const SERVICES: Readonly<Record<BrokerKind, readonly string[]>> = {
  redis: ['redis-server'],
  nats: ['nats-server'],
  rabbitmq: ['rabbitmq-server', 'epmd'],
};

const PACKAGES: Readonly<Record<BrokerKind, string>> = {
  redis: 'redis-server',
  nats: 'nats-server',
  rabbitmq: 'rabbitmq-server',
};

/**
 * Installs $PACKAGES without running those of their $SERVICES that are new to the machine: neither
 * does a systemctl that is told to be offline start any, nor invoke-rc.d in single-user mode, and
 * afterwards they are disabled. Other programs may use apt-get meanwhile; its update does not wait
 * for them by itself.
 */
const INSTALL = `
fresh=
for service in $SERVICES; do
  [ -e /lib/systemd/system/$service.service ] || fresh="$fresh $service"
done
for attempt in 1 2 3 4 5 6; do
  apt-get update && break
  sleep 10
done
export SYSTEMD_OFFLINE=1 RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 $PACKAGES
for service in $fresh; do
  for unit in $service.service $service.socket; do
    [ ! -e /lib/systemd/system/$unit ] || systemctl disable $unit
  done
  [ ! -e /etc/init.d/$service ] || update-rc.d $service disable
done`;

/** What it says goes to the console; whether it worked is seen by the broker being there. */
async function install(kinds: readonly BrokerKind[]): Promise<void> {
  const env = {
    ...process.env,
    PACKAGES: kinds.map((kind) => PACKAGES[kind]).join(' '),
    SERVICES: kinds.flatMap((kind) => SERVICES[kind]).join(' '),
  };
  // One at a time: other runs of these tests wait here.
  const shell = spawn('flock', ['/var/lib/apt', 'sh', '-c', INSTALL], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await once(shell, 'exit');
}

/** By the text of /etc/os-release. Its offspring have other packages under this name. */
export function isDebian(text: string): boolean {
  return /^ID="?debian"?$/m.test(text);
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    // No Linux of this kind.
    return '';
  }
}
