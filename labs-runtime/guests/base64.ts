/**
 * Base64 to bytes without the help of a host: `atob` is the DOM's and `Buffer` is Node's, and guest images must load alike in a page, a worker
 * and Node. Follows RFC 4648, section 4, and refuses everything that section does not produce.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Value of each character code of the alphabet, 255 for all others. */
const SEXTETS = new Uint8Array(128).fill(255);
for (let value = 0; value < ALPHABET.length; value++) SEXTETS[ALPHABET.charCodeAt(value)] = value;

/** Decodes padded base64 without white space. Throws an Error that names the first wrong character or the wrong length. */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new Error(`base64 comes in groups of 4 characters, this text has ${text.length}`);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const characters = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let pending = 0;
  let pendingBits = 0;
  let length = 0;
  for (let index = 0; index < characters; index++) {
    const sextet = SEXTETS[text.charCodeAt(index)] ?? 255;
    if (sextet === 255)
      throw new Error(`character ${index} of a base64 text is ${JSON.stringify(text[index])}, which is not in its alphabet`);
    pending = ((pending << 6) | sextet) & 0xffff;
    pendingBits += 6;
    if (pendingBits >= 8) {
      pendingBits -= 8;
      bytes[length++] = pending >> pendingBits;
    }
  }
  if ((pending & ((1 << pendingBits) - 1)) !== 0) throw new Error('the last group of a base64 text has bits set beyond its last byte');
  return bytes;
}
