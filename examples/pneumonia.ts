/**
 * Pretrain a vision transformer on chest radiographs without their labels, adapt it with low-rank updates to recognise
 * pneumonia, evaluate it, and save it.
 *
 *     npx tsc -b examples && node examples/dist/pneumonia.js DATA [OUT] [EPOCHS]
 *
 * DATA is a dataset of 28 x 28 grey images such as `pneumoniamnist`, OUT the folder for the model (default `./pneumonia`). With the
 * default of 2 epochs the run shows the steps, not what the method can do; `vesalius run recipes/vision/pneumonia.yaml`
 * does that. `vit.tiny` has 5.4 million parameters: expect a few minutes on two cores and about 1 GB of memory.
 */
import { lora } from "vesalius/adaptation";
import { columnOf } from "vesalius/data";
import { vit } from "vesalius/models";
import { maskedImageModelling } from "vesalius/pretraining";
import { classification } from "vesalius/tasks";
import { adapt, evaluate, openDataset, pretrain } from "vesalius";

const [data = "./pneumoniamnist", out = "./pneumonia", count = "2"] = process.argv.slice(2);
const epochs = Number(count);

const xrays = await openDataset(data);
const { train, validation } = xrays.splits;
const network = vit.tiny({ imageSize: 28, patchSize: 4 });
const backbone = await pretrain(network, maskedImageModelling(), train!, { epochs });
const task = classification({ classes: [...columnOf(train!, "label", "classes").names] });
const model = await adapt(backbone, task, { method: lora({ rank: 8 }), data: train!, epochs });
const report = await evaluate(model, task, validation!); // AUC with confidence interval, calibration, subgroups, cost
await model.save(out); // safetensors + config + plain ONNX

const { rocAuc, expectedCalibrationError } = report.metrics;
console.log(JSON.stringify({ rocAuc, expectedCalibrationError, cost: report.cost }));
