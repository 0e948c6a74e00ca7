type Sign = readonly [pattern: RegExp, name: string];

/** In this order: nearly everything also calls itself Chrome or Safari. */
const PROGRAMS: readonly Sign[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|OPiOS|Opera)\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^Wget\//, 'Wget'],
  [/^HTTPie\//, 'HTTPie'],
  [/^PostmanRuntime\//, 'Postman'],
  [/^python-requests\/|^python-httpx\/|^Python-urllib\/|^Python\/.*aiohttp\//, 'Python'],
  [/^Go-http-client\//, 'Go'],
  [/^(node|undici|axios\/|node-fetch)/, 'Node.js'],
];

const SYSTEMS: readonly Sign[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** What people call the device of a `User-Agent`, such as "Firefox on Linux"; null: hard to say. */
export function deviceName(userAgent: string | null): string | null {
  if (userAgent === null) return null;
  const nameIn = (signs: readonly Sign[]) =>
    signs.find(([pattern]) => pattern.test(userAgent))?.[1];
  const program = nameIn(PROGRAMS);
  const system = nameIn(SYSTEMS);
  if (program && system) return `${program} on ${system}`;
  return program ?? system ?? null;
}
