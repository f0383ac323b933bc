/** The committed guest images belong to the committed sources: by their hashes anywhere, by rebuilding where the same clang is installed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GuestImage } from '../../../labs-runtime/guests/guest-image.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { compileGuest, compilerVersion, guestNames, imageFile, sha256, sourceListSha256 } from '../../../scripts/guests.ts';

const GUESTS = Object.values(guests);
const compiler = compilerVersion();

async function committed(name: string): Promise<GuestImage> {
  const file = (await import(`../../../labs-runtime/guests/${name}.image.ts`)) as { image: GuestImage };
  return file.image;
}

describe('guest images', () => {
  it('has one guest in the index for each C file', () => {
    expect(GUESTS.map((guest) => guest.name).sort()).toEqual(guestNames());
    for (const [key, guest] of Object.entries(guests)) expect(guest.name).toBe(key);
  });

  describe.each(GUESTS)('$name', ({ name, load, ramBytes }) => {
    it('was built from the sources and flags that are committed (if not: npm run guests)', async () => {
      expect((await committed(name)).sourceListSha256).toBe(sourceListSha256(name));
    });

    it('loads as the image whose hash the file states', async () => {
      const bytes = await load();
      expect(sha256(bytes)).toBe((await committed(name)).imageSha256);
      expect(bytes.length).toBeLessThan(ramBytes);
    });

    it('stands in a file as the build script writes it', async () => {
      const text = readFileSync(new URL(`../../../labs-runtime/guests/${name}.image.ts`, import.meta.url), 'utf8');
      expect(text).toBe(imageFile(name, await committed(name)));
    });

    it('loads a fresh copy at each call, so that no machine can spoil another', async () => {
      const first = await load();
      first.fill(0);
      expect(sha256(await load())).toBe((await committed(name)).imageSha256);
    });

    it('comes out of the compiler byte for byte', async ({ skip }) => {
      const image = await committed(name);
      if (compiler !== image.compiler) skip(`built with ${image.compiler}; here is ${compiler ?? 'no clang'}`);
      expect(sha256(compileGuest(name))).toBe(image.imageSha256);
    });
  });
});
