// What a dense config needs of its tensors, under the names of Hugging Face.
#pragma once

#include "engine/model/dense/config.h"
#include "engine/model/tensor_spec.h"

namespace bathy::model::dense {

void visitTensors(const Config& config, const TensorVisitor& visit);

} // namespace bathy::model::dense
