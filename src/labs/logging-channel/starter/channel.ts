// The logging channel: your file. Both machines run this code; `options.role` says which end it is.
// It compiles, and fails every check on purpose. The statement says what is wanted.
import type { ChannelEffect, ChannelInput, ChannelOptions } from 'lockstep/logging-channel';

/** What one end remembers. Plain data only: numbers, strings, booleans, bigint, arrays, objects, Uint8Array. */
interface State {
  options: ChannelOptions;
  linkUp: boolean;
}

/** A new end of the channel. The link is up and nothing has been sent. */
export function start(options: ChannelOptions): State {
  return { options, linkUp: true };
}

/** Tells this end one thing. Change `state` in place; return what is to be done, in order. */
export function step(state: State, input: ChannelInput): ChannelEffect[] {
  switch (input.kind) {
    case 'append': // Primary: number the entry, keep it, send it. Is the buffer full now?
      return [];
    case 'bytes': // Either end: the next piece of the stream. Which whole frames does it complete?
      return [];
    case 'link': // Either end: the link broke, or is whole again. What was lost?
      state.linkUp = input.up;
      return [];
    case 'consumed': // Backup: the replayer is done with every entry up to input.seq.
      return [];
    case 'time': // Either end: has something waited too long?
      return [];
  }
}
