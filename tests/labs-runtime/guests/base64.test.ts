/** Our base64 decoder against Node's encoder, and its refusals. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../../labs-runtime/guests/base64.ts';

describe('base64', () => {
  it('decodes what Node encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
      }),
    );
  });

  it('decodes the vectors of RFC 4648, section 10', () => {
    const vectors = { '': '', 'Zg==': 'f', 'Zm8=': 'fo', Zm9v: 'foo', 'Zm9vYg==': 'foob', 'Zm9vYmE=': 'fooba', Zm9vYmFy: 'foobar' };
    for (const [text, expected] of Object.entries(vectors)) expect(Buffer.from(decodeBase64(text)).toString(), text).toBe(expected);
  });

  it.each([
    ['a length that is no multiple of 4', 'Zg=', 'groups of 4 characters'],
    ['a character outside the alphabet', 'Zm-v', 'character 2 of a base64 text is "-"'],
    ['a character beyond ASCII', 'Zmé=', 'character 2 of a base64 text is "é"'],
    ['padding in the middle', 'Zg==Zg==', 'character 2 of a base64 text is "="'],
    ['bits beyond the last byte', 'Zh==', 'bits set beyond its last byte'],
  ])('refuses %s', (_, text, message) => {
    expect(() => decodeBase64(text)).toThrow(message);
  });
});
