#include "tests/support/weight_files.h"

#include <fstream>
#include <string_view>

namespace bathy::test {
namespace {

class GgufBytes {
public:
    template <class T>
    GgufBytes& number(T value) {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
        return *this;
    }
    GgufBytes& text(std::string_view value) {
        number<std::uint64_t>(value.size());
        m_bytes.append(value);
        return *this;
    }
    const std::string& bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

constexpr std::uint32_t kUint32 = 4, kString = 8, kArray = 9;

void writeOverHole(const std::filesystem::path& file, const std::string& header, std::uint64_t hole) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary).write(header.data(), static_cast<std::streamsize>(header.size()));
    std::filesystem::resize_file(file, header.size() + hole);
}

} // namespace

void writeGguf(const std::filesystem::path& file, const GgufShape& shape) {
    GgufBytes out;
    out.number<std::uint32_t>(0x46554747).number<std::uint32_t>(3);
    out.number<std::uint64_t>(1).number<std::uint64_t>(5); // tensors, keys
    out.text("general.architecture").number(kString).text(shape.architecture);
    out.text("general.name").number(kString).text(shape.title);
    out.text(shape.architecture + ".context_length").number(kUint32).number(shape.contextLength);
    out.text("tokenizer.ggml.tokens").number(kArray).number(kString);
    out.number(static_cast<std::uint64_t>(shape.vocabulary));
    for (int i = 0; i < shape.vocabulary; ++i)
        out.text("token" + std::to_string(i));
    out.text("general.file_type").number(kUint32).number(shape.fileType);
    out.text("token_embd.weight").number<std::uint32_t>(2);
    out.number<std::uint64_t>(32).number(shape.tensorBytes / 18).number<std::uint32_t>(2).number<std::uint64_t>(0);
    writeOverHole(file, out.bytes() + std::string((32 - out.bytes().size() % 32) % 32, '\0'), shape.tensorBytes);
}

void writeSafetensors(const std::filesystem::path& file, const std::string& dtype, std::uint64_t elements) {
    const auto matrix = elements * (dtype == "F32" ? 4 : dtype == "BF16" || dtype == "F16" ? 2 : 1);
    std::string json = R"({"model.embed_tokens.weight":{"dtype":")" + dtype + R"(","shape":[)" +
                       std::to_string(elements / 8) + R"(,8],"data_offsets":[0,)" + std::to_string(matrix) +
                       R"(]},"model.norm.weight":{"dtype":"F32","shape":[8],"data_offsets":[)" +
                       std::to_string(matrix) + "," + std::to_string(matrix + 32) + "]}}";
    GgufBytes out;
    out.text(json); // the same form: length, then bytes
    writeOverHole(file, out.bytes(), matrix + 32);
}

void writeConfig(const std::filesystem::path& folder, const std::string& modelType, int contextLength) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.json")
        << R"({"model_type": ")" << modelType << R"(", "max_position_embeddings": )" << contextLength << "}";
}

} // namespace bathy::test
