import { isIPv4, isIPv6 } from 'node:net';

/**
 * The part of a client's address that counts as one client: an IPv4 address whole, also when it is
 * written IPv4-mapped; of an IPv6 address the /64, since one customer commonly has all of it.
 * Anything else (a trusted proxy passed on a name, say) shares one bucket.
 */
export function addressKey(address: string): string {
  if (isIPv4(address)) return address;
  const plain = address.split('%')[0] ?? '';
  if (!isIPv6(plain)) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  return mapped ?? ipv6Network(plain);
}

function ipv6Network(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    // An embedded IPv4 part stands for two groups.
    const afterCount = after.length + (after.at(-1)?.includes('.') ? 1 : 0);
    while (groups.length + afterCount < 8) groups.push('0');
    groups.push(...after);
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
