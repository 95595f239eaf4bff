import { VesaliusError } from "../../common/errors.ts";
import type { ImportEngine, Tensors } from "../../graph/index.ts";
import type { Backend, Session } from "../../runtime/index.ts";

/** Lets a runtime backend tell `fromOnnx` the types of operators outside the registry, and evaluate constants. */
export function importEngine(backend: Backend): ImportEngine {
  async function withSession<Result>(model: Uint8Array, use: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await backend.load(model, { threads: 1, optimize: false });
    try {
      return await use(session);
    } finally {
      await session.release();
    }
  }
  return {
    describe: (model) =>
      withSession(model, ({ outputTypes }) =>
        outputTypes === undefined
          ? Promise.reject(new VesaliusError("runtime-failure", `${backend.name} does not tell the types of outputs`))
          : Promise.resolve(outputTypes),
      ),
    run: (model) => withSession(model, (session): Promise<Tensors> => session.run(new Map())),
  };
}
