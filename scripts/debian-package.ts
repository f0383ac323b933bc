/** Installs Debian's packages where tests and benchmarks need a program that is not there. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether apt-get can install packages here: Debian or one of its kin, as root. */
export function canAptInstall(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release);
}

/** Installs a package, with apt-get's own output on the terminal. Of several processes that want one, each waits for the one before. */
export function aptInstall(name: string): void {
  console.log(`Installing Debian’s ${name} with apt-get.`);
  const commands = `apt-get update -q; apt-get install -y -q --no-install-recommends ${name}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('flock', [join(tmpdir(), 'lockstep-apt.lock'), 'sh', '-c', commands], { stdio: 'inherit', env });
}
