/** Every source of the runtime but the guests' images, as text. A module of its own, so that it is one download, made only when needed. */
export const sources = import.meta.glob(['../../labs-runtime/**/*.ts', '!**/*.image.ts', '!**/build.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;
