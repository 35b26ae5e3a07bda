// Makes a GGUF file look like the folder its model was published as: the text of a config.json from the metadata, and
// every tensor under the name its family uses (aliases; fused experts are sliced in place, nothing is copied). After
// that a family opens it like any other checkpoint. Spec of the formats, section 13; deepseek4: spec of V4, 5.3.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

namespace bathy::model::gguf {

// Does nothing for checkpoints of other formats. Errors: BadFile (names the file and the key or tensor), Unsupported
// (another architecture, named together with those that can be opened).
Result<void> adopt(checkpoint::Checkpoint& checkpoint);

} // namespace bathy::model::gguf
