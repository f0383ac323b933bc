/** Colours of a drawn trace: the site's own where the page has them, else those of its light theme, so that a file on its own looks alike. */

export const colours = {
  paper: 'var(--trace-paper, var(--lockstep-editor, #fff))',
  ground: 'var(--sl-color-gray-6, #ebf0f4)',
  strong: 'var(--sl-color-white, #111c22)',
  ink: 'var(--sl-color-gray-2, #33414a)',
  quiet: 'var(--sl-color-gray-3, #56646c)',
  accent: 'var(--sl-color-accent, #085c7d)',
  fail: 'var(--lockstep-fail, #b42c22)',
  failLow: 'var(--lockstep-fail-low, #fdebe8)',
};

/** How a lane looks: its line, and what must be told apart from it: dots, arrows, its name. */
interface LaneLook {
  stroke: string;
  ink: string;
  width: number;
}

const primary = 'var(--lockstep-primary, #0b6a89)';
const backup = 'var(--lockstep-backup, #ad5b0b)';
const outside = 'var(--sl-color-gray-3, #56646c)';

const onPrimary: LaneLook = { stroke: primary, ink: primary, width: 2 };
const onBackup: LaneLook = { stroke: backup, ink: backup, width: 2 };
const onFurtherServer: LaneLook = { stroke: colours.strong, ink: colours.strong, width: 2 };
const ofOthers: LaneLook = { stroke: outside, ink: outside, width: 1.25 };

/** Lanes that are not the outside's: of a pair, and of a cluster, whose first two servers are primary and backup when its run begins. */
const laneLooks: Record<string, LaneLook> = {
  primary: onPrimary,
  'server 0': onPrimary,
  backup: onBackup,
  'server 1': onBackup,
  link: { stroke: 'var(--sl-color-gray-4, #87939a)', ink: outside, width: 1 },
};

/** How a lane looks, by its name. */
export function laneLook(lane: string): LaneLook {
  return laneLooks[lane] ?? (lane.startsWith('server ') ? onFurtherServer : ofOthers);
}
