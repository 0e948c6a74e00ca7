import { isCommonPassword, MIN_PASSWORD_LENGTH } from './common-passwords.ts';
import { MAX_PASSWORD_BYTES } from './password-schemes/bcrypt.ts';

/** What is wrong with a new password that does not come by a request, as part of a sentence; null: nothing. */
export function newPasswordProblem(password: string): string | null {
  if (!password.isWellFormed() || password.includes('\0')) {
    return 'must not contain NUL or unpaired surrogates';
  }
  if ([...password].length < MIN_PASSWORD_LENGTH) {
    return `must have at least ${MIN_PASSWORD_LENGTH} characters`;
  }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return `must have at most ${MAX_PASSWORD_BYTES} bytes`;
  }
  return isCommonPassword(password) ? 'is one of the most common passwords' : null;
}
