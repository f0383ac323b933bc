/** Where the command writes, and how. */
export interface Console {
  out(text: string): void;
  error(text: string): void;
  colour: boolean;
  /** Characters in a line. */
  width: number;
  /** Whether somebody watches standard error, and likes to see how far it is. */
  progress: boolean;
}
