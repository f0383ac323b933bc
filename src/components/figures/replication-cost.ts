/** The arithmetic and the drawing of the lecture's traffic calculator; an element of its own, so that the page needs no framework. */

const megabit = 1e6;
/** The bars' logarithmic scale, in Mbit/s. */
const scale = { least: 0.1, most: 100_000 };

/** Traffic of state transfer in Mbit/s, from memory written between two checkpoints (MiB) and checkpoints a second. */
export function stateTransferMbits(writtenMib: number, checkpointsPerSecond: number): number {
  return (writtenMib * 2 ** 20 * 8 * checkpointsPerSecond) / megabit;
}

/** Traffic of a replicated state machine in Mbit/s, from events a second and bytes a log entry. */
export function stateMachineMbits(eventsPerSecond: number, entryBytes: number): number {
  return (eventsPerSecond * entryBytes * 8) / megabit;
}

/** Where `mbits` stands on the scale, from 0 to 100 percent. */
export function percentOnScale(mbits: number): number {
  const share = Math.log10(Math.max(mbits, scale.least) / scale.least) / Math.log10(scale.most / scale.least);
  return Math.min(100, 100 * share);
}

/** `mbits` as a reader would write it: three digits at most, with a unit. */
export function formatMbits(mbits: number): string {
  const [value, unit] = mbits >= 1000 ? [mbits / 1000, 'Gbit/s'] : [mbits, 'Mbit/s'];
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/** `<replication-cost>`: reads four range inputs whose values are powers of two, and draws two bars. */
class ReplicationCost extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener('input', () => this.draw());
    this.draw();
  }

  private draw(): void {
    const [written, checkpoints, events, bytes] = ['written', 'checkpoints', 'events', 'bytes'].map((name) => this.read(name)) as [
      number,
      number,
      number,
      number,
    ];
    this.show('state', stateTransferMbits(written, checkpoints));
    this.show('machine', stateMachineMbits(events, bytes));
  }

  private read(name: string): number {
    const input = this.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
    const value = 2 ** Number(input.value);
    const shown = value >= 1 ? String(Math.round(value)) : String(value);
    input.setAttribute('aria-valuetext', shown);
    this.querySelector(`[data-for=${name}]`)!.textContent = shown;
    return value;
  }

  private show(name: string, mbits: number): void {
    const row = this.querySelector<HTMLElement>(`[data-bar=${name}]`)!;
    row.style.setProperty('--share', `${percentOnScale(mbits)}%`);
    row.querySelector('output')!.textContent = formatMbits(mbits);
  }
}

if (!customElements.get('replication-cost')) customElements.define('replication-cost', ReplicationCost);
