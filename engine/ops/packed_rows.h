// Rows of the KV cache and of the indexer's keys in their stored forms (spec 3.2). Packing values that already lie on
// the grid of spec 4.4 loses nothing.
#pragma once

#include "kernels/packed_rows/packed_rows.h"

namespace bathy::ops {

using kernels::indexKeyBytes;
using kernels::IndexKeyFormat;
using kernels::kvRowBytes;
using kernels::KvRowFormat;
using kernels::KvRowLayout;
using kernels::packIndexKey;
using kernels::packKvRow;
using kernels::unpackIndexKey;
using kernels::unpackKvRow;

} // namespace bathy::ops
