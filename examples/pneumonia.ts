/**
 * Pretrain a vision transformer on chest radiographs without their labels, adapt it with low-rank updates to recognise
 * pneumonia, judge it, and save it.
 *
 *     npx tsc -b examples && node examples/dist/pneumonia.js DATA [OUT] [EPOCHS]
 *
 * DATA is a dataset of 28 x 28 grey images such as `pneumoniamnist`, OUT the folder for the model (default `./pneumonia`). With the
 * default of 2 epochs the run shows the steps, not what the method can do; `vesalius run recipes/vision/pneumonia.yaml`
 * does that. `vit.tiny` has 5.4 million parameters: expect a few minutes on two cores and about 1 GB of memory.
 */
import { lora } from "vesalius/adaptation";
import { classification } from "vesalius/applications/vision";
import { vit } from "vesalius/models";
import { maskedPixels as maskedImageModelling } from "vesalius/pretraining";
import { adapt, evaluate, openDatasetOfImages, pretrain } from "vesalius";

const [data = "./pneumoniamnist", out = "./pneumonia", count = "2"] = process.argv.slice(2);
const epochs = Number(count);

const xrays = await openDatasetOfImages(data);
const backbone = await pretrain(vit.tiny({ image: 28, patch: 4 }), maskedImageModelling({ ratio: 0.75 }), xrays.train, {
  epochs,
});
const model = await adapt(backbone, classification(xrays.labels), {
  method: lora({ rank: 8 }),
  data: xrays.train,
  epochs,
});
const report = await evaluate(model, xrays.validation); // AUC with confidence interval, calibration, subgroups, cost
await model.save(out); // safetensors + config + plain ONNX

const { rocAuc, expectedCalibrationError } = report.figures;
console.log(JSON.stringify({ rocAuc, expectedCalibrationError, cost: report.cost }));
