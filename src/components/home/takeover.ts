/**
 * The home page's figure as data: two requests, one crash, and what passes between client, primary and backup. Time runs from `START` to `END`, in
 * units of the drawing. `Takeover.astro` draws all of it; `takeover-player.ts` shows it up to a moment. It follows sections 2.2 and 2.3.
 */

export const lanes = { client: 56, primary: 214, backup: 376 };
export type Lane = keyof typeof lanes;

/** What a line means: traffic with the outside, a log entry, an acknowledgement. */
export type Tone = 'outside' | 'log' | 'acknowledgement';

export interface Message {
  from: Lane;
  to: Lane;
  leaves: number;
  arrives: number;
  tone: Tone;
  /** Nobody is there to receive it. */
  isLost?: boolean;
}

export const messages: Message[] = [
  { from: 'client', to: 'primary', leaves: 44, arrives: 60, tone: 'outside' },
  { from: 'primary', to: 'backup', leaves: 87, arrives: 107, tone: 'log' },
  { from: 'backup', to: 'primary', leaves: 112, arrives: 132, tone: 'acknowledgement' },
  { from: 'primary', to: 'client', leaves: 138, arrives: 154, tone: 'outside' },
  { from: 'client', to: 'primary', leaves: 194, arrives: 210, tone: 'outside' },
  { from: 'primary', to: 'backup', leaves: 237, arrives: 257, tone: 'log' },
  { from: 'backup', to: 'primary', leaves: 262, arrives: 282, tone: 'acknowledgement', isLost: true },
  { from: 'backup', to: 'client', leaves: 348, arrives: 381, tone: 'outside' },
];

/** The counter in each machine, from when it has this value. */
export const values: { lane: Lane; at: number; value: number }[] = [
  { lane: 'primary', at: 74, value: 1 },
  { lane: 'backup', at: 127, value: 1 },
  { lane: 'primary', at: 224, value: 2 },
  { lane: 'backup', at: 277, value: 2 },
];

/** What the client sends and gets. */
export const words: { at: number; text: string }[] = [
  { at: 44, text: '+1' },
  { at: 154, text: '1' },
  { at: 194, text: '+1' },
  { at: 381, text: '2' },
];

export const START = 30;
export const PRIMARY_DIES = 252;
export const BACKUP_GOES_LIVE = 336;
export const END = 404;

/** What happens, in words, from a moment on. */
export const captions: { from: number; text: string }[] = [
  { from: START, text: 'A client asks the primary to add 1.' },
  { from: 74, text: 'The primary does it, and logs the request to the backup. Its answer waits.' },
  { from: 107, text: 'The backup holds the entry, and says so. Then it replays it, a moment behind.' },
  { from: 132, text: 'Now the answer may go out: no crash can take it back.' },
  { from: 194, text: 'A second request is logged in the same way.' },
  { from: PRIMARY_DIES, text: 'The primary dies before it could answer.' },
  { from: 282, text: 'Silence. The backup has replayed the log to its end.' },
  { from: BACKUP_GOES_LIVE, text: 'It goes live, and answers. Nothing is lost, and the client saw a pause.' },
];

/** The caption of a moment. */
export function captionAt(now: number): string {
  return captions.findLast(({ from }) => from <= now)!.text;
}

/** Where a message is at a moment, or undefined while it is not under way. */
export function positionAt({ from, to, leaves, arrives }: Message, now: number): { x: number; y: number } | undefined {
  if (now < leaves || now > arrives) return undefined;
  const share = (now - leaves) / (arrives - leaves);
  return { x: lanes[from] + share * (lanes[to] - lanes[from]), y: now };
}
