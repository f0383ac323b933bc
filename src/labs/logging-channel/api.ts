/** The types of the logging channel lab, imported by a student's file as `lockstep/logging-channel`. */
export type * from '../../../labs-runtime/ft/channel-api.ts';
