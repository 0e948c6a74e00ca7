/** Where the visitor wants to go, for a link to a neighbouring page: of the address, this alone goes along. */
export function nextSearch({ next }: { next?: string | undefined }): { next?: string } {
  return next === undefined || next === '/' ? {} : { next };
}
