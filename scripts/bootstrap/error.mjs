/** A failure the person at the terminal can act on; the message says what to do. */
export class BootstrapError extends Error {
  name = 'BootstrapError';
}
