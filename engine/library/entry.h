// One model in one quantisation, wherever it lies. Plain data.
#pragma once

#include "engine/library/places.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bathy::library {

struct Entry {
    Owner owner = Owner::Folder;
    std::string name;               // "org/name", or what the owner calls it
    std::string tag;                // Ollama: "7b"; Hugging Face: a revision other than main; else empty
    std::string quantisation;       // "Q4_K_M", "FP8", "BF16"; empty when nothing says
    std::filesystem::path open;     // what a checkpoint is opened by
    std::filesystem::path folder;   // where its files are shown
    std::string family;             // model_type of config.json, general.architecture of GGUF; empty when unknown
    std::int64_t contextLength = 0; // tokens; 0: not said
    std::uint64_t bytes = 0;        // of all weight files that are there
    std::uint32_t files = 0;
    std::vector<std::string> missing; // files that belong to it and are not there
    std::int64_t modified = 0;        // newest weight file, seconds since 1970
    std::int64_t lastUsed = 0;        // newest read by any program; 0: the file system does not say
    std::string headerHash;           // of all headers; two entries with the same and equal bytes are one model twice
    int duplicates = 0;               // number of the group of equal entries, from 1; 0: there is no other
    std::string problem;              // why it cannot be opened, as far as names and headers tell

    bool complete() const { return missing.empty() && problem.empty(); }
};

// "org/name:Q4_K_M", "llama3:8b": unambiguous unless the same model is there twice.
std::string fullName(const Entry& entry);

} // namespace bathy::library
