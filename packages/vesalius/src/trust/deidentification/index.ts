export { deidentifyText } from "./deidentify-text.ts";
