/**
 * What `checks.ts` uses of vitest, as declarations for IntelliSense: the real ones are larger than the editor. Only for reading that file;
 * the checks run against the real `@vitest/runner` and `@vitest/expect`.
 */
export const vitestTypes = `declare module 'vitest' {
  /** One check: its name is the check's title in lab.ts, letter for letter. */
  export function test(name: string, body: () => void | Promise<void>): void;
  export function describe(name: string, body: () => void): void;
  /** An assertion; it throws when it does not hold. */
  export const expect: { (value: unknown, message?: string): any; [name: string]: any };
}
`;
