import { useState } from 'react';
import { ApiError } from '../../api/problem.ts';

interface Question {
  /** Does the thing with a password; resolves once that was right, whatever came of the thing. */
  answer: (password: string) => Promise<void>;
  giveUp: () => void;
}

/** Does something, with a password where one has to be given first. */
type Act<T> = (password?: string) => Promise<T>;

/** Does what needs a fresh sign-in; `undefined` when the person gives up instead of proving who it is. */
export type RunFresh = <T>(act: Act<T>) => Promise<T | undefined>;

/** Lets a section do what needs a fresh sign-in; the question, while there is one, is for the dialog. */
export function useFresh(): { run: RunFresh; question: Question | undefined } {
  const [question, setQuestion] = useState<Question | undefined>();

  async function run<T>(act: Act<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!isProofMissing(error)) throw error;
    }
    return new Promise<T | undefined>((resolve, reject) => {
      setQuestion({
        async answer(password) {
          try {
            resolve(await act(password));
          } catch (error) {
            if (isAboutProof(error)) throw error;
            reject(error);
          }
          setQuestion(undefined);
        },
        giveUp() {
          setQuestion(undefined);
          resolve(undefined);
        },
      });
    });
  }

  return { run, question };
}

/** Whether the server wants to know once more who it is; with a password along, that this was a wrong one. */
export function isProofMissing(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'fresh_sign_in.required';
}

/** Whether to ask again, instead of giving up what was to be done. */
function isAboutProof(error: unknown): boolean {
  return isProofMissing(error) || (error instanceof ApiError && [0, 429].includes(error.status));
}
