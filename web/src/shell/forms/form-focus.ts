/** Puts the focus into the first field of a form that waits for text, or where none does, into its first one. */
export function focusFirstEmpty(form: HTMLFormElement): void {
  const fields = [...form.querySelectorAll<HTMLInputElement>('input:not([type="checkbox"])')];
  (fields.find((field) => !field.value) ?? fields[0])?.focus();
}

/** Puts the focus into the first field of a form that is marked as wrong, once React has marked it. */
export function focusFirstError(form: HTMLFormElement): void {
  requestAnimationFrame(() => {
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
