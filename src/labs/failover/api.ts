/** The types of the failover lab, imported by a student's file as `lockstep/failover`. */
export type * from '../../../labs-runtime/ft/failover-api.ts';
export type { Role } from '../../../labs-runtime/ft/channel-api.ts';
