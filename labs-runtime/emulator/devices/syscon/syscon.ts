/**
 * System controller: one 32-bit register through which the guest powers the machine off or asks for a reboot. Either stops the machine
 * until it is reset. (In the VMware FT paper an explicit power-off must never look like a failure, section 2.3.)
 */
import type { Device, Loaded, Stored } from '../device.ts';

const POWER_OFF = 0x5555;
const REBOOT = 0x7777;

export type Power = 'on' | 'power-off' | 'reboot';

export class Syscon implements Device {
  readonly start = 0x11100000;
  readonly sizeBytes = 4;
  power: Power = 'on';

  /** The register reads as zero. */
  load(_offset: number, size: number): Loaded {
    return size === 4 ? 0 : 'access-fault';
  }

  /** Any value but the two commands does nothing. */
  store(_offset: number, size: number, value: number): Stored {
    if (size !== 4) return 'access-fault';
    if (value === POWER_OFF) this.power = 'power-off';
    else if (value === REBOOT) this.power = 'reboot';
    return this.power === 'on' ? 'stored' : { reason: this.power };
  }
}
