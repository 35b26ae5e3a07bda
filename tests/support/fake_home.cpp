#include "tests/support/fake_home.h"

#include "tests/support/weight_files.h"

#include <array>
#include <fstream>
#include <functional>

namespace fs = std::filesystem;

namespace bathy::test {
namespace {

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

// 64 hexadecimal digits that differ from text to text.
std::string digest(const std::string& text) {
    std::string digits;
    for (int part = 0; part < 4; ++part) {
        char buffer[17];
        std::snprintf(buffer, sizeof(buffer), "%016zx", std::hash<std::string>()(text + std::to_string(part)));
        digits += buffer;
    }
    return digits;
}

} // namespace

library::Environment FakeHome::environment() const {
    return [home = path().string()](const char* name) { return std::string(name) == "HOME" ? home : std::string(); };
}

fs::path FakeHome::snapshot(const std::string& name) const {
    auto folder = name;
    folder.replace(folder.find('/'), 1, "--");
    const auto repository = hub() / ("models--" + folder);
    fs::create_directories(repository / "refs");
    fs::create_directories(repository / "blobs");
    fs::create_directories(repository / "snapshots" / kCommit);
    std::ofstream(repository / "refs" / "main") << kCommit;
    return repository / "snapshots" / kCommit;
}

// Moves a file of the snapshot into the blobs and leaves a link.
void FakeHome::link(const fs::path& snapshotFolder, const std::string& file) const {
    const auto blob = digest((snapshotFolder / file).string());
    fs::rename(snapshotFolder / file, snapshotFolder.parent_path().parent_path() / "blobs" / blob);
    fs::create_symlink(fs::path("..") / ".." / "blobs" / blob, snapshotFolder / file);
}

fs::path FakeHome::addHubModel(const std::string& name, int shards) const {
    const auto folder = snapshot(name);
    const bool large = name.find("DeepSeek") != std::string::npos;
    writeConfig(folder, large ? "deepseek_v3" : "qwen2", large ? 163'840 : 32'768);
    link(folder, "config.json");
    std::string weights;
    for (int i = 1; i <= shards; ++i) {
        char file[64];
        std::snprintf(file, sizeof(file), "model-%05d-of-%05d.safetensors", i, shards);
        writeSafetensors(folder / file, large ? "F8_E4M3" : "BF16", 4096 + 512 * std::hash<std::string>()(name) % 4096);
        link(folder, file);
        weights += (weights.empty() ? "\"" : ", \"") + std::string("t") + std::to_string(i) + "\": \"" + file + "\"";
    }
    std::ofstream(folder / "model.safetensors.index.json") << R"({"metadata": {}, "weight_map": {)" << weights << "}}";
    link(folder, "model.safetensors.index.json");
    return folder;
}

fs::path FakeHome::addHubGguf(const std::string& name, const std::string& quantisation) const {
    const auto folder = snapshot(name);
    const auto file = name.substr(name.find('/') + 1) + "-" + quantisation + ".gguf";
    GgufShape shape;
    shape.title = name;
    shape.tensorBytes = 40'000 + std::hash<std::string>()(file) % 50'000;
    writeGguf(folder / file, shape);
    link(folder, file);
    return folder;
}

fs::path FakeHome::addLmStudio(const std::string& publisher, const std::string& file) const {
    GgufShape shape;
    shape.title = file;
    shape.architecture = "llama";
    shape.tensorBytes = 70'000 + std::hash<std::string>()(file) % 50'000;
    const auto folder = path() / ".lmstudio" / "models" / publisher / (file.substr(0, file.rfind('-')) + "-GGUF");
    writeGguf(folder / (file + ".gguf"), shape);
    return folder / (file + ".gguf");
}

void FakeHome::addOllama(const std::string& name, const std::string& tag) const {
    const auto models = path() / ".ollama" / "models";
    const auto hash = digest(name + tag);
    GgufShape shape;
    shape.title = name + tag;
    shape.tensorBytes = 30'000 + std::hash<std::string>()(name + tag) % 50'000;
    writeGguf(models / "blobs" / ("sha256-" + hash), shape);
    const auto folder = models / "manifests" / "registry.ollama.ai" / "library" / name;
    fs::create_directories(folder);
    std::ofstream(folder / tag) << R"({"schemaVersion": 2, "layers": [{"mediaType": )"
                                << R"("application/vnd.ollama.image.template", "digest": "sha256:)" << digest("t")
                                << R"("}, {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:)"
                                << hash << R"(", "size": 1}]})";
}

void FakeHome::addJan(const std::string& name) const {
    GgufShape shape;
    shape.title = name;
    shape.architecture = "qwen3";
    shape.tensorBytes = 20'000 + std::hash<std::string>()(name) % 50'000;
    writeGguf(path() / ".config" / "Jan" / "data" / "llamacpp" / "models" / name / "model", shape);
}

void FakeHome::addGpt4All(const std::string& file) const {
    GgufShape shape;
    shape.title = file;
    shape.fileType = 2;
    shape.tensorBytes = 90'000 + std::hash<std::string>()(file) % 50'000;
    writeGguf(path() / ".local" / "share" / "nomic.ai" / "GPT4All" / (file + ".gguf"), shape);
}

void FakeHome::fill(int count) const {
    constexpr std::array kTypes{"Q4_K_M", "Q8_0", "Q6_K", "IQ4_XS", "Q5_K_S"};
    constexpr std::array kSizes{"1.5B", "7B", "8B", "14B", "32B", "70B"};
    for (int i = 0; i < count; ++i) {
        const auto number = std::to_string(i / 8);
        const std::string size = kSizes[static_cast<std::size_t>(i / 8) % kSizes.size()];
        const std::string type = kTypes[static_cast<std::size_t>(i) % kTypes.size()];
        switch (i % 8) {
        case 0:
            addHubModel("deepseek-ai/DeepSeek-V3-" + number, 1 + i / 8 % 5);
            break;
        case 1:
            addHubModel("Qwen/Qwen2.5-" + size + "-" + number, 1);
            break;
        case 2:
        case 3:
            addHubGguf("unsloth/DeepSeek-R1-Distill-Qwen-" + size + "-" + number + "-GGUF", type);
            break;
        case 4:
            addLmStudio("lmstudio-community", "DeepSeek-R1-Distill-Llama-" + size + "-" + number + "-" + type);
            break;
        case 5:
            addOllama("deepseek-r1-" + number, i % 16 < 8 ? "latest" : "7b");
            break;
        case 6:
            addJan("Jan-v1-" + size + "-" + number);
            break;
        default:
            addGpt4All("DeepSeek-R1-Distill-Qwen-" + size + "-" + number + "-Q4_0");
        }
    }
}

} // namespace bathy::test
