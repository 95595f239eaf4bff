type Json = unknown;
const isRecord = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Applies a JSON merge patch (RFC 7396): objects are merged key by key, null takes a key away, anything else replaces.
 * Neither argument is changed.
 */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  // A map, not assignments: a key called `__proto__` is a key like any other.
  const merged = new Map<string, Json>(isRecord(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
