import { deviceName } from '../../auth/device-name.ts';
import type { PayloadOrigin } from '../users/notices.service.ts';

/** One sentence on where an act came from; none where nothing is known. */
export function sentenceOfOrigin(origin: PayloadOrigin | null): string[] {
  const device = deviceName(origin?.user_agent ?? null);
  const parts = [
    ...(origin?.address ? [`from the address ${origin.address}`] : []),
    ...(device ? [`with ${device}`] : []),
  ];
  return parts.length === 0 ? [] : [`That came ${parts.join(' ')}.`];
}

/** A time for people in all zones, such as "31 January 2026, 09:00 UTC". */
export function timeInWords(timestamp: string): string {
  const words = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(new Date(timestamp));
  return `${words.replace(' at ', ', ')} UTC`;
}
