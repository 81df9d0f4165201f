/** The form of a process's name: that of `defineProcess`, which stands alone and cannot be asked here. */
export const PROCESS_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
