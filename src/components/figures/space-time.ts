/**
 * Geometry of the lecture's space-time diagrams: lanes side by side, time downwards, messages as arrows that fall on their way.
 * A figure is data in these types; SpaceTime.astro draws it. All lengths are units of the drawing.
 */

export interface Lane {
  name: string;
  x: number;
  tone: 'outside' | 'primary' | 'backup';
  /** From here on the machine is live; before, it follows a log and sends nothing. Infinity if it never goes live. */
  liveAt?: number;
  /** Here the machine stops for good: it dies, or halts itself. */
  endsAt?: number;
}

export interface Message {
  /** Names of lanes. */
  from: string;
  to: string;
  at: number;
  label?: string;
  /** What has gone wrong by this message, for the eye. */
  wrong?: boolean;
  /** It gets half-way and is lost. */
  lost?: boolean;
}

export interface Note {
  lane: string;
  at: number;
  /** Lines under each other, beginning at `at`. */
  text: string[];
  side: 'left' | 'right';
  wrong?: boolean;
}

/** A stretch of time beside a lane: an output that is held, or how long something takes. */
export interface Stretch {
  lane: string;
  from: number;
  to: number;
  text: string[];
  look: 'held' | 'duration';
}

export interface Diagram {
  /** The whole story in words, for those who can't see the drawing. */
  label: string;
  title?: string;
  width?: number;
  height: number;
  lanes: Lane[];
  messages: Message[];
  notes?: Note[];
  stretches?: Stretch[];
  /** A break of the network between two lanes. */
  cut?: { between: [string, string]; at: number; text: string };
}

export interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** How much later a message arrives than it left, for each unit of the way. */
const FALL = 1 / 7;
/** Free space between a lane and the ends of an arrow. */
const [GAP_AT_START, GAP_AT_TIP] = [4, 7];
const LABEL_ABOVE = 5;

/** The lane of a name; a figure that names none is a mistake of its author's. */
export function laneOf(lanes: readonly Lane[], name: string): Lane {
  const lane = lanes.find((candidate) => candidate.name === name);
  if (lane === undefined) throw new Error(`the figure has no lane ${name}, only ${lanes.map((candidate) => candidate.name).join(', ')}`);
  return lane;
}

/** Where a message is drawn: from lane to lane, free of both, falling evenly; half of it if it is lost. */
export function arrowOf(lanes: readonly Lane[], message: Message): Line {
  const start = laneOf(lanes, message.from).x;
  const way = laneOf(lanes, message.to).x - start;
  const [from, to] = [GAP_AT_START, message.lost ? Math.abs(way) / 2 : Math.abs(way) - GAP_AT_TIP];
  const direction = Math.sign(way);
  return { x1: start + direction * from, y1: message.at + from * FALL, x2: start + direction * to, y2: message.at + to * FALL };
}

/** Where a message's label stands: over the middle of its arrow, turned by as many degrees as the arrow is. */
export function labelOf(lanes: readonly Lane[], message: Message): { x: number; y: number; turn: number } {
  const { x1, y1, x2, y2 } = arrowOf(lanes, message);
  return { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - LABEL_ABOVE, turn: (Math.atan((y2 - y1) / (x2 - x1)) * 180) / Math.PI };
}

/** The parts of a lane from `top` to `bottom`, in order: following a log, then live, then nothing. */
export function partsOf({ liveAt, endsAt }: Lane, top: number, bottom: number): { from: number; to: number; live: boolean }[] {
  const end = endsAt ?? bottom;
  if (liveAt === undefined) return [{ from: top, to: end, live: true }];
  return [{ from: top, to: Math.min(liveAt, end), live: false }, ...(liveAt < end ? [{ from: liveAt, to: end, live: true }] : [])];
}
