/** A row of the trace before it is put in words: what happened on one lane at one event. */
import type { Lane } from './trace-event.ts';

export interface Row {
  event: number;
  atMs: number;
  lane: Lane;
  to?: Lane | undefined;
  message?: number;
  tone?: 'fault';
  /** The row says one thing only. */
  isOwn: boolean;
  phrases: string[];
  pieces: number;
  arrivedBytes: number;
  appended: number[];
  delivered: number[];
  acknowledged: number[];
  consumed: number[];
  made: OutputMade[];
  /** What the console showed. */
  shown: string;
  sentBytes: number;
  heartbeats: number;
}

/** An output that the guest made, with the entry that it waits for. */
export interface OutputMade {
  operation: number;
  name: string;
  seq: number;
}

/** A row on which nothing has happened yet. */
export function emptyRow(event: number, atMs: number, lane: Lane): Row {
  return {
    event,
    atMs,
    lane,
    isOwn: false,
    phrases: [],
    pieces: 0,
    arrivedBytes: 0,
    appended: [],
    delivered: [],
    acknowledged: [],
    consumed: [],
    made: [],
    shown: '',
    sentBytes: 0,
    heartbeats: 0,
  };
}

/** Whether nothing came of what is on the row. */
export function isSilent(row: Row): boolean {
  return (
    row.phrases.length === 0 &&
    row.shown === '' &&
    row.made.length === 0 &&
    row.delivered.length === 0 &&
    row.acknowledged.length === 0 &&
    row.sentBytes === 0
  );
}
