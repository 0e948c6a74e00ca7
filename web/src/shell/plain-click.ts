/** Whether a click on a link means “go there, here”: not into a new tab or window, not a download. */
export function isPlainClick(event: React.MouseEvent): boolean {
  const hasModifier = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  return event.button === 0 && !hasModifier && !event.defaultPrevented;
}
