import { base64url } from "jose";

/** Decodes strict base64url: no padding, no other characters, no spare bits (RFC 4648 §3.5, §5). */
export function decodeBase64url(text: string): Uint8Array | undefined {
  try {
    const bytes = base64url.decode(text);
    return base64url.encode(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
