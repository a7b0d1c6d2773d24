/**
 * Seconds for which a response stays fresh in a private cache (RFC 9111 §4.2); undefined if it does not say.
 *
 * Zero if it must not be reused (`no-store`, `no-cache`), is stale already, or says something that is not a number of
 * seconds.
 */
export function freshnessLifetime(headers: Headers): number | undefined {
  let maxAge: number | undefined;
  for (const directive of (headers.get("cache-control") ?? "").split(",")) {
    const [name = "", value = ""] = directive.split("=", 2).map((part) => part.trim());
    switch (name.toLowerCase()) {
      case "no-store":
      case "no-cache":
        return 0;
      case "max-age":
        // The first one counts (RFC 9111 §4.2.1).
        maxAge ??= seconds(value.replace(/^"+|"+$/g, "")) ?? 0;
    }
  }
  if (maxAge === undefined) return undefined;
  return Math.max(maxAge - (seconds(headers.get("age") ?? "") ?? 0), 0);
}

/** `delta-seconds` (RFC 9111 §1.2.2). */
function seconds(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
