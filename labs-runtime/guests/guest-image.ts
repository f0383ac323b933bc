/**
 * What a generated `<name>.image.ts` holds: the image and what it was built from, so that a test can tell a stale image without a compiler.
 * `scripts/guests.ts` writes these files.
 */
export interface GuestImage {
  /** SHA-256, hex, of the image's bytes. */
  imageSha256: string;
  /** SHA-256, hex, of the list of sources with their own hashes, and of the compiler's flags. */
  sourceListSha256: string;
  /** The compiler that built it, e.g. `clang 14.0.6`: another version may give other bytes from the same sources. */
  compiler: string;
  /** A flat image, to be loaded at the start of RAM, in base64. */
  base64: string;
}
