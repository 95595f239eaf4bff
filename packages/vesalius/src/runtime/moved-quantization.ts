/**
 * What ONNX Runtime (1.30) says of a model of opset 21 or higher whose int8 tensors it has carried past a Reshape, MaxPool or
 * their like itself: the node that it adds there has lost the type of its zero point.
 */
const fault = /output_dtype \w+ does not match \w*zero_point type/;

/**
 * Loads a model, and again without moving and joining quantised nodes where the engine refuses its own work on them: the
 * model then computes what its file says, only not in the engine's faster integer kernels.
 *
 * @param create makes the session with these entries of its configuration
 */
export async function loadDespiteMoves<Loaded>(
  create: (configuration: Readonly<Record<string, string>>) => Promise<Loaded>,
): Promise<Loaded> {
  try {
    return await create({});
  } catch (error) {
    if (!(error instanceof Error && fault.test(error.message))) throw error;
    return await create({ disable_quant_qdq: "1" });
  }
}
