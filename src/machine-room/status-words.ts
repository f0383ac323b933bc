/** The state of the machine in a few words, for the status line and for screen readers. */
import type { MachineStatus } from './messages.ts';
import { countText } from './numbers.ts';

export function statusWords({ activity, isPresent, position }: MachineStatus): string {
  switch (activity.kind) {
    case 'running':
      return 'Running';
    case 'waiting':
      return activity.timer ? 'Idle until its timer' : 'Waiting for input';
    case 'travelling':
      return `Replaying to ${countText(activity.goal)}`;
    case 'off':
      return activity.asked === 'power-off' ? 'Powered off' : 'Asked for a reboot';
    case 'paused':
      return isPresent ? (position === 0 ? 'At boot' : 'Paused') : 'In the past';
  }
}
