/** For tests of the fuel transform: a part from its text, metered, in this realm, which is not hardened. */
import * as esbuild from 'esbuild';
import { bundleSubmission } from '../../../labs-runtime/checks/bundle.ts';
import { INSTRUMENT_NAMES, meterProgram } from '../../../labs-runtime/checks/fuel.ts';
import type { MeteredProgram } from '../../../labs-runtime/checks/fuel.ts';
import { createInstruments } from '../../../labs-runtime/checks/instruments.ts';
import type { Instruments } from '../../../labs-runtime/checks/instruments.ts';
import { Meter } from '../../../labs-runtime/checks/meter.ts';
import { lab } from '../../fixtures/labs/echo/lab.ts';

/** What a test needs of a part. */
export interface MeteredPart {
  meter: Meter;
  instruments: Instruments;
  program: MeteredProgram;
  /** Runs the part's `start` with one argument under a fresh budget. */
  run(argument?: unknown): unknown;
  /** What stopped the last run, and the line it was in. */
  stop(): { kind?: string | undefined; explanation?: string | undefined; line: number | undefined; steps: number };
}

/** The bundle of a part that is one file. */
export async function bundleOf(source: string): Promise<{ code: string; map: string }> {
  const bundle = await bundleSubmission(esbuild, lab, { 'echo.ts': source });
  if ('message' in bundle) throw new Error(bundle.message);
  return bundle;
}

/** A part whose `start` has this body, with `x` as its argument. */
export async function partOf(body: string, limits = lab.limits): Promise<MeteredPart> {
  const source = `export function start(x: any): any {\n${body}\n}\nexport function step(): unknown[] { return []; }\n`;
  const { code, map } = await bundleOf(source);
  const program = meterProgram(code, map);
  const meter = new Meter();
  const instruments = createInstruments(meter, { standIns: new Map(), closed: new Set() });
  const factory = new Function(`'use strict'; return ${program.code};`)() as (
    ...instruments: unknown[]
  ) => () => { start(x: unknown): unknown };
  const evaluate = factory(...INSTRUMENT_NAMES.map((name) => instruments[name]));
  return {
    meter,
    instruments,
    program,
    run(argument) {
      meter.begin(limits);
      return meter.run(() => evaluate().start(argument));
    },
    stop() {
      const { steps, site } = meter.read();
      return { ...meter.stopped, line: program.sites[site]?.line, steps };
    },
  };
}
