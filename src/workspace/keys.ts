/** The keys of the workspace as the reader's system names them. Monaco binds them so: on a Mac, Control M is taken by others. */
const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

export const keys = isMac ? { run: 'Cmd+Enter', leave: 'Ctrl+Shift+M' } : { run: 'Ctrl+Enter', leave: 'Ctrl+M' };
