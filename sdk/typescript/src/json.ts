/**
 * JSON objects without duplicate members and with bounded depth.
 *
 * RFC 8259 §4 leaves duplicate members open, and `JSON.parse` keeps the last. Two programs that read one token must
 * never disagree about a claim.
 */
export type JsonObject = Record<string, unknown>;

const MAX_DEPTH = 16;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** Parses one JSON object. Undefined for anything else. */
export function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isObject(value) && isStrict(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Refuses what `JSON.parse` accepts: duplicate members, depth, lone surrogates, numbers beyond a double. */
function isStrict(validJson: string): boolean {
  /** The member names of each open object. Undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [token] of validJson.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      isName = token === "{";
      open.push(isName ? new Set() : undefined);
      if (open.length > MAX_DEPTH) return false;
    } else if (token === "}" || token === "]") {
      open.pop();
      isName = false;
    } else if (token === ",") {
      isName = open.at(-1) !== undefined;
    } else if (token.startsWith('"')) {
      const text: string = JSON.parse(token);
      if (!text.isWellFormed()) return false;
      if (isName && open.at(-1)?.has(text)) return false;
      if (isName) open.at(-1)?.add(text);
      isName = false;
    } else if (/^[-0-9]/.test(token) && !Number.isFinite(Number(token))) {
      return false;
    }
  }
  return true;
}
