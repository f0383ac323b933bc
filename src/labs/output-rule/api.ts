/** The types of the output rule lab, imported by a student's file as `lockstep/output-rule`. */
export type * from '../../../labs-runtime/ft/output-gate-api.ts';
