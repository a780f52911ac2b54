// Cost: an amount as people read it. What has no known price is said to be unknown, never 0.

/** "$0.123", "$0.123 + unknown (a-model)", "unknown (a-model)"; "" where nothing was spent. */
export function costText({ cost_usd: usd, unpriced = [] }) {
  const unknown = unpriced.length ? `unknown (${unpriced.join(", ")})` : "";
  const known = usd ? `$${usd < 1 ? usd.toFixed(3) : usd.toFixed(2)}` : "";
  return [known, unknown].filter(Boolean).join(" + ");
}
