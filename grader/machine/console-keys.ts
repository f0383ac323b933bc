/**
 * Keys on a terminal in raw mode: all go to the guest, Ctrl-C too, but for Ctrl-A, after which the next key is for the monitor.
 */

const CTRL_A = 0x01;

/** What the person wants of the monitor. */
export type Wish = 'leave' | 'hint';

export const KEYS_HINT = 'Ctrl-A X leaves, Ctrl-A Ctrl-A sends Ctrl-A';

export class ConsoleKeys {
  #isAfterCtrlA = false;

  /** Sorts bytes from the terminal into those for the guest, and a wish if there is one; nothing after `leave` counts. */
  take(bytes: Uint8Array): { typed: number[]; wish: Wish | undefined } {
    const typed: number[] = [];
    let wish: Wish | undefined;
    for (const byte of bytes) {
      if (!this.#isAfterCtrlA) {
        this.#isAfterCtrlA = byte === CTRL_A;
        if (byte !== CTRL_A) typed.push(byte);
        continue;
      }
      this.#isAfterCtrlA = false;
      const key = String.fromCharCode(byte).toLowerCase();
      if (key === 'x') return { typed, wish: 'leave' };
      if (byte === CTRL_A) typed.push(byte);
      else wish = 'hint';
    }
    return { typed, wish };
  }
}
