/** Modules that exist only inside the site's build. */
declare module 'virtual:lockstep/runtime' {
  /** Address and hash of the prebuilt runtime (scripts/astro-runtime.ts). */
  export const runtime: import('./workspace/run/messages.ts').RuntimeAddress;
}
