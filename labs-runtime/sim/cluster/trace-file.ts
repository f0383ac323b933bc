/**
 * A run of a cluster as a small text file that replays exactly: what scenario it is of, what was changed in it, what it broke, and its events, one a line.
 * The hash of the state in which it ends says whether a replay is the same run. A file may come from anybody: whatever is in it, reading it ends in
 * a trace or in a `TraceFileError` with what is wrong, where, and what to do.
 */
import type { ClusterEvent } from './cluster-event.ts';
import { formatEvent, parseEvent } from './cluster-event.ts';
import type { Breach } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import { counted } from './counted.ts';
import { createCluster } from './create-cluster.ts';
import type { MechanismName } from './mechanisms.ts';
import { MECHANISM_NAMES, isMechanism } from './mechanisms.ts';
import type { Narration } from './narrate.ts';
import { narrate } from './narrate.ts';
import { PROPERTIES } from './properties.ts';
import type { PropertyName } from './properties.ts';
import type { Schedule } from './replay-schedule.ts';
import type { ScenarioChanges } from './scenario-changes.ts';
import { changeScenario } from './scenario-changes.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { hashState } from './state-hash.ts';

export interface TraceFile extends Schedule {
  /** Name of the scenario, and what was changed in it. */
  scenario: string;
  changes: ScenarioChanges;
  /** Seed of the walk that found it; undefined for an exhaustive search. */
  seed: number | undefined;
  /** What it broke, in words; undefined if nothing. */
  breach: Pick<Breach, 'property' | 'expected' | 'observed'> | undefined;
  /** Hash of the state in which the run ends, in hexadecimal digits. */
  endState: string;
}

/** What the first line says: the name of the format and its version. */
const FORMAT = 'lockstep trace';
const VERSION = 1;
export const TRACE_FIRST_LINE = `${FORMAT} ${VERSION}`;

/** The largest file that is read, in characters, and the most events in one. */
export const TRACE_CHARACTERS_MAX = 2 ** 20;
const EVENTS_MAX = 5000;
const FAULTS_MAX = 1000;
const SEED_MAX = Number.MAX_SAFE_INTEGER;
/** How much of a line is shown in a message. */
const SHOWN_MAX = 60;

const FIELDS = ['scenario', 'seed', 'faults', 'without', 'property', 'expected', 'observed', 'settled', 'state', 'events'] as const;
type Field = (typeof FIELDS)[number];

/** A file that cannot be read as a trace, or does not replay: what is wrong, at which line, and what to do. */
export class TraceFileError extends Error {}

/** The hash by which a trace knows its end. */
export function endStateOf({ end }: Pick<Narration, 'end'>): string {
  return hashState(end).toString(16);
}

/** The file's text. */
export function formatTraceFile({ scenario, changes, seed, breach, isSettled, endState, events }: TraceFile): string {
  const fields: Record<Field, string> = {
    scenario,
    seed: seed === undefined ? 'none' : String(seed),
    faults: String(changes.faults),
    without: changes.without.length === 0 ? 'none' : changes.without.join(' '),
    property: breach?.property ?? 'none',
    expected: oneLine(breach?.expected ?? 'none'),
    observed: oneLine(breach?.observed ?? 'none'),
    settled: isSettled ? 'yes' : 'no',
    state: endState,
    events: String(events.length),
  };
  const lines = [TRACE_FIRST_LINE, ...FIELDS.map((field) => `${field} ${fields[field]}`), ...events.map(formatEvent)];
  return `${lines.join('\n')}\n`;
}

/** Reads a file's text. Throws a `TraceFileError`. */
export function readTraceFile(text: string): TraceFile {
  if (text.length > TRACE_CHARACTERS_MAX)
    throw new TraceFileError(`it has ${text.length} characters, and a trace has at most ${TRACE_CHARACTERS_MAX}. Name a trace.`);
  const isWhole = text.endsWith('\n');
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (isWhole) lines.pop();
  checkFirstLine(lines[0] ?? '');
  const reader = new FieldReader(lines);
  const trace = readFields(reader);
  const count = reader.number('events', EVENTS_MAX);
  const eventLines = lines.slice(reader.line);
  if (eventLines.length < count || !isWhole)
    throw new TraceFileError(
      `line ${lines.length}: the file is cut: it has ${eventLines.length} of its ${counted(count, 'event')}. Copy it again.`,
    );
  if (eventLines.length > count)
    throw new TraceFileError(
      `line ${reader.line + count + 1}: there are more events than the ${count} that the file says it has. Copy it again.`,
    );
  return { ...trace, events: eventLines.map((line, index) => readEvent(line, reader.line + index + 1)) };
}

function checkFirstLine(line: string): void {
  if (line === TRACE_FIRST_LINE) return;
  const version = /^lockstep trace (\d{1,9})$/.exec(line)?.[1];
  if (version === undefined)
    throw new TraceFileError(
      `line 1: it is no trace of Lockstep: one begins with "${TRACE_FIRST_LINE}". Name a file that \`lockstep explore\` wrote.`,
    );
  throw new TraceFileError(
    `line 1: it is a trace of version ${version}, and this Lockstep reads version ${VERSION}. Search again, or use the Lockstep that wrote it.`,
  );
}

function readFields(reader: FieldReader): Omit<TraceFile, 'events'> {
  const scenario = reader.oneOf(
    'scenario',
    scenarios.map(({ name }) => name),
  );
  const seed = reader.orNone('seed', (field) => reader.number(field, SEED_MAX));
  const faults = reader.number('faults', FAULTS_MAX);
  const without = reader.orNone('without', (field) => reader.mechanisms(field)) ?? [];
  const property = reader.orNone('property', (field) => reader.oneOf(field, Object.keys(PROPERTIES)) as PropertyName);
  const [expected, observed] = [reader.text('expected'), reader.text('observed')];
  const isSettled = reader.oneOf('settled', ['yes', 'no']) === 'yes';
  const endState = reader.text('state');
  if (!/^[0-9a-f]{1,14}$/.test(endState)) throw reader.error(`${shown(endState)} is no hash of a state. Copy the file again`);
  const breach = property && { property, expected, observed };
  return { scenario, changes: { faults, without }, seed, breach, isSettled, endState };
}

/** Reads one line after the other, each with the field that is expected there. */
class FieldReader {
  readonly #lines: readonly string[];
  /** Lines read. */
  line = 1;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** What is wrong with the line that was read last. */
  error(message: string): TraceFileError {
    return new TraceFileError(`line ${this.line}: ${message}.`);
  }

  text(field: Field): string {
    const line = this.#lines[this.line++];
    if (line === undefined) throw new TraceFileError(`line ${this.line - 1}: the file is cut before "${field}". Copy it again.`);
    if (!line.startsWith(`${field} `)) throw this.error(`here "${field}" should stand, and ${shown(line)} does. Copy the file again`);
    return line.slice(field.length + 1);
  }

  number(field: Field, max: number): number {
    const text = this.text(field);
    const number = Number(text);
    if (/^\d{1,16}$/.test(text) && number <= max) return number;
    throw this.error(`${field} is ${shown(text)}: it must be a whole number up to ${max}`);
  }

  oneOf(field: Field, names: readonly string[]): string {
    const text = this.text(field);
    if (names.includes(text)) return text;
    throw this.error(`${field} is ${shown(text)}, which this version of Lockstep does not know. It knows: ${names.join(', ')}`);
  }

  /** Undefined where the line says `none`. */
  orNone<Value>(field: Field, read: (field: Field) => Value): Value | undefined {
    if (this.#lines[this.line] !== `${field} none`) return read(field);
    this.line += 1;
    return undefined;
  }

  mechanisms(field: Field): MechanismName[] {
    const names = this.text(field).split(' ');
    const strange = names.find((name) => !isMechanism(name));
    if (strange === undefined) return [...new Set(names as MechanismName[])];
    throw this.error(`there is no mechanism ${shown(strange)} to leave out. There are: ${MECHANISM_NAMES.join(', ')}`);
  }
}

function readEvent(line: string, number: number): ClusterEvent {
  const event = parseEvent(line);
  if (event !== undefined) return event;
  throw new TraceFileError(`line ${number}: ${shown(line)} is no event. Copy the file again, or use the Lockstep that wrote it.`);
}

export interface ReplayedTrace {
  /** The scenario, with the file's changes. */
  scenario: Scenario;
  cluster: Cluster;
  narration: Narration;
}

/** Replays a trace, and puts it in words. Throws a `TraceFileError` where it is not the run that was written. */
export async function replayTraceFile(trace: TraceFile): Promise<ReplayedTrace> {
  const found = scenarios.find(({ name }) => name === trace.scenario);
  if (found === undefined) throw new TraceFileError(`there is no scenario ${shown(trace.scenario)}.`);
  const scenario = changeScenario(found, trace.changes);
  const cluster = await createCluster(scenario, { keepsStates: true });
  const narration = narrate(cluster, cluster.state, trace);
  const [endState, property] = [endStateOf(narration), narration.explanation?.property];
  if (endState !== trace.endState || property !== trace.breach?.property)
    throw new TraceFileError(
      `the run that it describes ends in state ${trace.endState} with ${broken(trace.breach?.property)}, and its replay in state ${endState} with ` +
        `${broken(property)}: the trace was made by another version of Lockstep, or changed since. Search again.`,
    );
  return { scenario, cluster, narration };
}

function broken(property: PropertyName | undefined): string {
  return property === undefined ? 'nothing broken' : `"${property}" broken`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

/** Part of a file's text in a message: short, and in quotes. */
function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
}
