export * from "./index.ts";
export { loadBackbone, loadModel } from "./load-model.node.ts";
