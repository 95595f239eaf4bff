import type { Backbone } from "../models/index.ts";
import type { Roles } from "./resolve/backbone.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Values of some roles with settings of each changed. */
function changed<Value extends Settings>(
  values: Readonly<Record<string, Value>> | undefined,
  changes: Roles["encoders"],
  change: (value: Value | undefined, settings: Settings, role: string) => Value | undefined,
): Readonly<Record<string, Value>> {
  const roles = Object.entries(changes ?? {}).flatMap(([role, settings]) => {
    const value = change(values?.[role], settings, role);
    return value === undefined ? [] : [[role, value] as const];
  });
  return { ...values, ...Object.fromEntries(roles) };
}

/** The backbone as pretraining reads it: other columns, and settings of encoders in place of its own. */
export function pretrainingStart(start: Backbone, { inputs, encoders }: Roles): Backbone {
  const { columns, preparation } = start;
  if (inputs === undefined && encoders === undefined) return start;
  return {
    ...start,
    ...(inputs === undefined ? {} : { columns: { ...columns, ...inputs } }),
    encoders: changed(start.encoders, encoders, (own, settings) => ({ ...own, ...settings })),
    preparation:
      preparation === undefined
        ? undefined
        : changed(preparation, encoders, (own, settings) => own && { ...own, ...settings }),
  };
}

/**
 * A pretrained backbone as the task reads it: what pretraining changed of columns and encoders is what it was before; what
 * was fitted (tokenizers, vocabularies) stays.
 */
export function afterPretraining(pretrained: Backbone, start: Backbone, { inputs, encoders }: Roles): Backbone {
  if (inputs === undefined && encoders === undefined) return pretrained;
  const { columns: _ofPretraining, ...rest } = pretrained;
  const { columns } = start;
  return {
    ...rest,
    ...(columns === undefined ? {} : { columns }),
    preparation: changed(pretrained.preparation, encoders, (fitted, settings, role) => {
      if (fitted === undefined) return undefined;
      const own = { ...start.network.reads[role], ...start.encoders?.[role], ...start.preparation?.[role] } as Settings;
      const { name, ...others } = fitted;
      const kept = Object.entries(others).filter(([key]) => !Object.hasOwn(settings, key));
      const back = Object.keys(settings).filter((key) => own[key] !== undefined);
      return { name, ...Object.fromEntries(kept), ...Object.fromEntries(back.map((key) => [key, own[key]])) };
    }),
  };
}
