/**
 * Finds the Chromium that browser tests and benchmarks drive: the one `CHROME_PATH` names, else an installed Chrome, Chromium or Edge, else,
 * on Debian and Ubuntu as root, one that it installs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { aptInstall, canAptInstall } from './debian-package.ts';

/** Names on the PATH, most wanted first. */
const LINUX_NAMES = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
  'microsoft-edge-stable',
  'google-chrome-beta',
];

const MACOS_APPLICATIONS = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const WINDOWS_PROGRAMS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const HOW_TO_GET_ONE =
  'The browser tests need Chrome, Chromium or Edge, and none was found.\n' +
  '  Debian:   sudo apt-get install chromium\n' +
  '  Ubuntu:   sudo snap install chromium\n' +
  '  Fedora:   sudo dnf install chromium\n' +
  '  macOS:    brew install --cask google-chrome   (or download it from https://www.google.com/chrome)\n' +
  '  Windows:  Edge is part of Windows; otherwise winget install Google.Chrome\n' +
  'If you have one in another place, name it: CHROME_PATH=/path/to/chrome npm test';

/** Every place where this platform keeps such a browser, most wanted first. */
function places(): string[] {
  const { env, platform } = process;
  if (platform === 'darwin') {
    const folders = ['/Applications', join(env.HOME ?? '', 'Applications')];
    return MACOS_APPLICATIONS.flatMap((name) => folders.map((folder) => join(folder, name)));
  }
  if (platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((folder) => folder !== undefined);
    return WINDOWS_PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name)));
  }
  const folders = (env.PATH ?? '').split(delimiter).concat('/usr/bin', '/snap/bin', '/opt/google/chrome');
  return LINUX_NAMES.flatMap((name) => folders.filter((folder) => folder !== '').map((folder) => join(folder, name)));
}

/** The first installed browser that starts. Ubuntu has a `chromium-browser` that only asks for a snap: it is there and does not start. */
function installed(): string | undefined {
  return places().find((path) => {
    if (!existsSync(path)) return false;
    // On Windows `--version` would open a window.
    return process.platform === 'win32' || spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
  });
}

/**
 * The path of a Chromium that starts. Says so when it has to install one.
 * @throws Error whose message says how to get one
 */
export async function findChromium(): Promise<string> {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== '') {
    if (!existsSync(named))
      throw new Error(`CHROME_PATH names ${named}, which does not exist. Correct it, or unset it to search the usual places.`);
    return named;
  }
  const found = installed();
  if (found !== undefined) return found;
  if (canAptInstall()) {
    console.log('No Chrome, Chromium or Edge found.');
    aptInstall('chromium');
    const fresh = installed();
    if (fresh !== undefined) return fresh;
  }
  throw new Error(HOW_TO_GET_ONE);
}

/** Starts the Chromium found, without a window. As root Chromium's own sandbox cannot start, so it is left out there. */
export async function launchChromium(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: await findChromium(), args });
}
