/** What the home page says about a lab's size and time: the first sentence of the section in which its statement says so. */

/** The first sentence under "Size and time" of a statement's MDX. @throws Error where the statement has no such section */
export function sizeAndTime(statement: string): string {
  const found = /^## Size and time\s+([^.]+\.)/m.exec(statement);
  if (!found) throw new Error('a lab’s statement needs a section "## Size and time" that begins with a sentence about both');
  return found[1]!.replace(/\s+/g, ' ');
}
