import { type RefObject, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/problem.ts';
import { messages } from '../messages.ts';
import { focusFirstEmpty, focusFirstError } from './form-focus.ts';
import { useRefusal } from './use-refusal.ts';

/** Messages beside fields. */
type Problems<Field extends string> = { [name in Field]?: string | undefined };

interface Form<Field extends string> {
  fields: readonly Field[];
  /** What is wrong before anything is sent. */
  check: () => Problems<Field>;
  /** Sends it; afterwards the form has done its duty and makes room for something else. */
  send: () => Promise<void>;
  /** Own words for a refusal that concerns a field. */
  explain?: (error: ApiError) => Problems<Field> | undefined;
}

/** The course of a form: check, send once, and say at the field or above all fields what was refused. */
export function useForm<Field extends string>({ fields, check, send, explain }: Form<Field>) {
  const [problems, setProblems] = useState<Problems<Field>>({});
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal();
  const ref: RefObject<HTMLFormElement | null> = useRef(null);
  useEffect(() => {
    if (ref.current) focusFirstEmpty(ref.current);
  }, []);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const form = event.currentTarget;
    const found = check();
    setProblems(found);
    refusal.setError(undefined);
    if (hasAny(found)) return focusFirstError(form);
    setBusy(true);
    try {
      await send();
    } catch (error) {
      const refused = error instanceof ApiError ? (explain?.(error) ?? atFields(error)) : {};
      setProblems(refused);
      if (hasAny(refused)) focusFirstError(form);
      else refusal.setError(error);
      setBusy(false);
    }
  }

  function atFields(error: ApiError): Problems<Field> {
    const entries = fields.map((name) => {
      const detail = error.fieldError(name);
      return [name, detail && messages.errors.field(detail)] as const;
    });
    return Object.fromEntries(entries) as Problems<Field>;
  }

  return { ref, problems, isBusy, refusal, submit };
}

function hasAny(problems: Problems<string>): boolean {
  return Object.values(problems).some(Boolean);
}
