/** Decoding of image files in Node, which library code imports as `#data/decode-images`. */
export { decodeImage } from "../readers/image-files.node.ts";
