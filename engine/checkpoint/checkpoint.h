// One validated directory of tensors over mapped files, whatever the files looked like: a Hugging Face folder (with or
// without an index), one .safetensors or .gguf file, or any shard of a set. Every range lies inside its file when
// open() returns. Immutable after open() but for addAlias() and setConfigText(); then any thread may read. Views live
// as long as the Checkpoint; moving it keeps them valid. Formats: safetensors (u64 header length, JSON header, data),
// GGUF.
#pragma once

#include "engine/base/dtype.h"
#include "engine/base/result.h"
#include "engine/checkpoint/gguf_metadata.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::checkpoint {

inline constexpr std::size_t kMaxRank = 8;

struct TensorView {
    std::string_view name;               // as looked up or as stored
    DType dtype{};                       // as stored; safetensors has FP4 values two a byte under I8
    std::span<const std::int64_t> shape; // of stored elements, row-major; empty for a scalar
    std::span<const std::byte> bytes;    // NOT aligned: read elements with memcpy or unaligned loads
    std::uint32_t shard = 0;             // index into Checkpoint::shards()

    std::int64_t elementCount() const;
};

struct Shard {
    std::filesystem::path path;
    std::uint64_t fileBytes = 0;
    std::uint64_t headerBytes = 0; // offset of the first tensor's data
    std::uint32_t tensorCount = 0;
};

// A part of a stored tensor under another name: `shape` over the bytes [begin, begin + length) of the stored tensor.
struct Alias {
    std::string name;
    std::size_t tensor = 0; // index of the stored tensor
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;
    std::uint64_t length = 0;
};

class Checkpoint {
public:
    // `path`: a folder, a .safetensors or .gguf file, or a shard of a set.
    // Errors: NotFound, Io, BadFile (one sentence naming file and field), Unsupported (an element type or file type).
    // Cancelled, looked for between two files.
    static Result<Checkpoint> open(const std::filesystem::path& path, const std::stop_token& stop = {});

    Checkpoint(Checkpoint&&) noexcept;
    Checkpoint& operator=(Checkpoint&&) noexcept;
    ~Checkpoint();

    const std::filesystem::path& folder() const; // where config.json, tokenizer.json and encoding/ are looked for
    const std::string& name() const;             // last part of the path, for people
    // config.json as text; empty when the folder has none, and for GGUF until setConfigText().
    const std::string& configText() const;
    // For GGUF, whose metadata says the same in other words. Changes the fingerprint.
    void setConfigText(std::string text);
    // What the GGUF file says about the model; nullptr for other formats.
    const GgufMetadata* metadata() const;

    // Oddities that harm nothing: a wrong total_size, tensors that the index does not list.
    std::span<const std::string> notes() const;

    std::span<const Shard> shards() const;
    std::size_t tensorCount() const;            // stored tensors, aliases not counted
    TensorView tensor(std::size_t index) const; // in file order, shard by shard; index < tensorCount()
    std::uint64_t tensorBytes() const;          // of all stored tensors, without headers

    // An error that names the file which was cut off, or could not be read, since it was opened: what was computed from
    // these weights meanwhile is worthless. Cheap; any thread. Errors: BadFile.
    Result<void> intact() const;

    // By stored name or alias.
    std::optional<TensorView> find(std::string_view name) const;

    // The stored tensor that a name or alias leads to.
    std::optional<std::size_t> indexOf(std::string_view name) const;

    // Errors: BadFile when the name is taken or the range leaves the tensor.
    Result<void> addAlias(Alias alias);

    // 16 hexadecimal digits: xxh3 over config.json and, of every shard, the header and three pages of weights. Tells
    // checkpoints apart, also two trainings of one shape, cheaply; single weights changed elsewhere go unseen.
    std::string fingerprint() const;

private:
    struct State;
    explicit Checkpoint(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace bathy::checkpoint
