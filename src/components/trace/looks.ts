/** Colours of a drawn trace: the site's own where the page has them, else those of its light theme, so that a file on its own looks alike. */
import type { Lane } from '../../../labs-runtime/checks/report.ts';

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

export const laneLooks: Record<Lane, LaneLook> = {
  client: { stroke: outside, ink: outside, width: 1.25 },
  primary: { stroke: primary, ink: primary, width: 2 },
  link: { stroke: 'var(--sl-color-gray-4, #87939a)', ink: outside, width: 1 },
  backup: { stroke: backup, ink: backup, width: 2 },
  storage: { stroke: outside, ink: outside, width: 1.25 },
};
