import { loadModel } from "vesalius";
import type { Model } from "vesalius/tasks";
import type { Output } from "./output.ts";

/**
 * Loads a saved model, and says where nothing could be checked.
 *
 * @throws VesaliusError as `loadModel` does
 */
export async function openModel(folder: string, output: Output): Promise<Model> {
  const model = await loadModel(folder);
  if (!model.checked)
    output.note(
      "caution: the model has no checksums (an earlier version saved it), so damage to its files is not noticed",
    );
  return model;
}
