// A small snapshot to write, break and read.
#pragma once

#include "engine/snapshot/snapshot_file.h"

namespace bathy::snapshot::test {

inline Content sampleContent() {
    Content content;
    content.header.name = "a \"name\" – with marks";
    content.header.model = "tiny";
    content.header.origin = {"02a5f15b8a222352",
                             "ffeeddccbbaa9988",
                             Precision::Fast,
                             KvFormat::Packed,
                             {{LayerId{1}, ExpertId{3}}, {LayerId{2}, ExpertId{0}}}};
    content.header.createdAt = 1'796'060'000;
    content.header.blockTokens = 4;
    for (int i = 0; i < 9; ++i)
        content.tokens.push_back(TokenId{100 + i});
    for (std::uint8_t i = 0; i < 3; ++i)
        content.blocks.push_back({i, 1, 2, 3});
    content.recent.assign(37, std::byte{7});
    content.logits = {0.5F, -1.25F, 3e-20F};
    return content;
}

} // namespace bathy::snapshot::test
