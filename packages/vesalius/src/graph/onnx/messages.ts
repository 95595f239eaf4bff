import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";

/** Copy of a protobuf message with some fields replaced. A spread would lose the defaults of its absent fields. */
export const changed = <Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
  changes: MessageInitShape<Schema>,
): MessageShape<Schema> => Object.assign(create(schema), message, changes);
