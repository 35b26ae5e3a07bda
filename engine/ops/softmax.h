// Softmax over whole rows, for sampling and for reporting probabilities.
#pragma once

#include <span>

namespace bathy::ops {

// p[i] = e^(x[i] - max) / sum. Sums in double. p may be x. A row of minus infinities becomes uniform.
void softmax(std::span<const float> x, std::span<float> p);
// l[i] = x[i] - max - log(sum e^(x - max)). l may be x.
void logSoftmax(std::span<const float> x, std::span<float> l);

} // namespace bathy::ops
