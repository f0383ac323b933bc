/** The lecture's traffic calculator: an element of its own, so that the page needs no framework. The arithmetic is in traffic.ts. */
import { formatMbits, percentOnScale, stateMachineMbits, stateTransferMbits } from './traffic.ts';

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
