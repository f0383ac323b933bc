/** The worker of the machine room: gives `MachineHost` the browser's time, waiting and chance. */
import { MachineHost } from './machine-host.ts';
import type { FromMachine, ToMachine } from './messages.ts';

/** A message to itself comes back without the delay that browsers give to short timers, and after what the page has sent meanwhile. */
const toItself = new MessageChannel();
let next: (() => void) | undefined;
toItself.port1.onmessage = () => {
  const callback = next;
  next = undefined;
  callback?.();
};

function later(callback: () => void, delayMs: number): () => void {
  if (delayMs > 0) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  }
  next = callback;
  toItself.port2.postMessage(undefined);
  return () => (next = undefined);
}

const host = new MachineHost({
  post: (message: FromMachine) => self.postMessage(message),
  nowMs: () => performance.now(),
  later,
  entropy: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
});

self.onmessage = ({ data }: MessageEvent<ToMachine>) => host.receive(data);
