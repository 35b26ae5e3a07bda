// Rows of floats in a stored form, for converting files.
#pragma once

#include "kernels/common/encode_row.h"

namespace bathy::ops {

using kernels::canEncode;
using kernels::encodeRow;

} // namespace bathy::ops
