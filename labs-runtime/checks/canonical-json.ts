/**
 * The one text of a value: JSON with sorted keys, bigints as decimal strings, bytes as hex. Last stop of walk two.
 * Two hosts that reached the same verdict write the same bytes, so that a hash of them proves it.
 */

/** Canonical JSON of plain data, indented by two spaces, with a newline at its end. Properties that are undefined are left out. */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(canonical(value), null, 2)}\n`;
}

function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(canonical);
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) sorted[key] = canonical((value as Record<string, unknown>)[key]);
  return sorted;
}

/** Bytes as lower-case hex, two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
