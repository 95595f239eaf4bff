import { z } from "zod";

/** Takes wrappers (optional, default) off a schema. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return bare(schema.unwrap());
  return schema;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The forms of a union that a value could mean: of a discriminated one those that share its discriminator. */
function branches(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodUnion)) return [inner];
  const options = inner.options.flatMap((option) => branches(option, value));
  if (!(inner instanceof z.ZodDiscriminatedUnion) || !isRecord(value)) return options;
  const { discriminator } = inner.def;
  const chosen = options.filter(
    (option) => option instanceof z.ZodObject && option.shape[discriminator]?.safeParse(value[discriminator]).success,
  );
  return chosen.length > 0 ? chosen : options;
}

/** Keys that may stand at a path of a value, whose own contents choose between the forms of a union. */
export function allowedKeys(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const forms = branches(schema, value);
  const [step, ...rest] = path;
  if (step === undefined)
    return [...new Set(forms.flatMap((form) => (form instanceof z.ZodObject ? Object.keys(form.shape) : [])))];
  const below = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  const keys = forms.flatMap((form) => {
    if (form instanceof z.ZodArray && typeof step === "number") return allowedKeys(form.element, below, rest);
    const next = form instanceof z.ZodObject ? form.shape[String(step)] : undefined;
    return next === undefined ? [] : allowedKeys(next, below, rest);
  });
  return [...new Set(keys)];
}
