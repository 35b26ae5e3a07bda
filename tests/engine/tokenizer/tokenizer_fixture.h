// The small committed tokenizer, and its file as JSON to be broken in tests.
#pragma once

#include "engine/base/text_file.h"
#include "engine/tokenizer/tokenizer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bathy::tokenizer {

inline std::string goldenPath(const std::string& name) {
    return std::string(BATHY_SOURCE_DIR) + "/tests/golden/tokenizer/" + name;
}

inline nlohmann::json goldenJson(const std::string& name) {
    const auto text = readTextFile(goldenPath(name), 1ULL << 30U);
    return text ? nlohmann::json::parse(*text) : nlohmann::json();
}

inline const Tokenizer& smallTokenizer() {
    static const Tokenizer kTokenizer = [] {
        auto loaded = Tokenizer::load(goldenPath("tokenizer.json"));
        if (!loaded) {
            ADD_FAILURE() << loaded.error().what();
            std::abort();
        }
        return std::move(*loaded);
    }();
    return kTokenizer;
}

inline std::vector<std::int32_t> rawIds(const std::vector<TokenId>& ids) {
    std::vector<std::int32_t> result;
    for (const auto id : ids)
        result.push_back(raw(id));
    return result;
}

} // namespace bathy::tokenizer
