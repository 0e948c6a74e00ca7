/** One token of JSON, or white space between two. */
const TOKEN =
  /[ \t\n\r]+|"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | 'comma' | 'end';

/**
 * Where a text stops to be JSON: the offset of the first token that is out of place, or the length of
 * a text that only ends too early. `JSON.parse` says so for few of its errors.
 */
export function jsonErrorOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const offset: number = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return offset;
    if (/^[ \t\n\r]/.test(token)) continue;
    const next = follow(token, expected, open);
    if (next === null) return offset;
    expected = next;
  }
  return text.length;
}

/** What may come after a token; null: it must not be here. */
function follow(token: string, expected: Expected, open: string[]): Expected | null {
  const kind = token.charAt(0);
  if (kind === '}' || kind === ']') return close(kind, expected, open);
  switch (expected) {
    case 'name':
    case 'name or }':
      return kind === '"' ? ':' : null;
    case ':':
      return kind === ':' ? 'value' : null;
    case 'comma':
      if (kind !== ',') return null;
      return open.at(-1) === '}' ? 'name' : 'value';
    case 'end':
      return null;
    default:
      return beginValue(kind, open);
  }
}

function beginValue(kind: string, open: string[]): Expected | null {
  if (kind === ',' || kind === ':') return null;
  if (kind === '{') {
    open.push('}');
    return 'name or }';
  }
  if (kind === '[') {
    open.push(']');
    return 'value or ]';
  }
  return afterValue(open);
}

function close(kind: string, expected: Expected, open: string[]): Expected | null {
  const isInPlace = expected === 'comma' || expected.endsWith(kind);
  if (!isInPlace || open.at(-1) !== kind) return null;
  open.pop();
  return afterValue(open);
}

function afterValue(open: string[]): Expected {
  return open.length === 0 ? 'end' : 'comma';
}
