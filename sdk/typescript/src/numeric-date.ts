/** A `NumericDate` (RFC 7519 §2): a JSON number, not negative. Fractions are dropped. Undefined if it is none. */
export function numericDate(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? Math.floor(value) : undefined;
}
