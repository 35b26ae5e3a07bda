#include "engine/base/sha256.h"

#include <gtest/gtest.h>

namespace bathy {
namespace {

TEST(Sha256, hex_publishedExamples_equal) {
    EXPECT_EQ(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256Hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, pieces_giveTheHashOfTheWhole) {
    for (const std::size_t length : {55, 56, 63, 64, 65, 119, 120, 128, 1000}) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i)
            text.push_back(static_cast<char>(i * 31 + 7));
        for (const std::size_t piece : {1, 7, 63, 64, 65, 200}) {
            Sha256 hash;
            for (std::size_t at = 0; at < length; at += piece)
                hash.update(std::as_bytes(std::span(text)).subspan(at, std::min(piece, length - at)));
            EXPECT_EQ(hash.finish(), sha256Hex(text)) << length << " in pieces of " << piece;
        }
    }
}

} // namespace
} // namespace bathy
