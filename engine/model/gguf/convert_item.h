// One tensor on its way into another file: where its rows come from and how they are stored. Private to the converter.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/gguf/convert.h"
#include "engine/model/gguf/names.h"
#include "engine/ops/weight.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace bathy::model::gguf {

enum class RowOrder : std::uint8_t {
    Same,
    Paired, // rows i and i + d/2 of each head become neighbours (Llama, to GGUF)
    Halved, // and back
};

struct Item {
    std::string name; // in the new file
    std::vector<std::int64_t> shape;
    DType dtype = DType::F32;
    bool expert = false;
    bool plain = false;                   // a vector or a small table: float or integer, never quantised
    std::vector<ops::WeightView> sources; // their rows, one after another
    RowOrder order = RowOrder::Same;
    std::int64_t heads = 1;                    // for `order`
    std::shared_ptr<std::vector<float>> owned; // the values, where they stand in no file as they are
    std::vector<std::byte> table;              // integers, ready to be written

    std::int64_t rows() const;
    std::int64_t cols() const { return shape.back(); }
    // Decodes row `row` of the new tensor.
    void decode(std::int64_t row, float* out) const;
    // Where the stored bytes of that row are, when they can be taken as they are; else nullptr.
    const std::byte* stored(std::int64_t row) const;

private:
    std::pair<const ops::WeightView*, std::int64_t> place(std::int64_t row) const;
};

// Finds tensors by family name and remembers which stored tensors were used.
class Gatherer {
public:
    Gatherer(const checkpoint::Checkpoint& source, const nlohmann::json& config);

    bool has(const std::string& name) const { return m_source.find(name).has_value(); }
    // [rows, cols] of a matrix however it is packed.
    Result<ops::WeightView> matrix(const std::string& name);
    // Rank 1, or a small table of rank 2, as floats.
    Result<Item> vector(const std::string& name);
    // I64 or I32 as I32.
    Result<Item> table(const std::string& name);
    bool isTable(const std::string& name) const;
    bool isVector(const std::string& name) const;

    std::vector<std::string> leftOut() const;

private:
    checkpoint::TensorView use(const std::string& name);

    const checkpoint::Checkpoint& m_source;
    std::int64_t m_blockRows = 128;
    std::int64_t m_blockCols = 128;
    std::set<std::size_t> m_used;
};

// The type that `item`, stored as `source`, gets. Errors: Unsupported.
Result<DType> typeFor(const Item& item, DType source, std::optional<DType> wanted);

// Hands the encoded rows of `item` to `append`; true when every value is the same as before.
Result<bool> writeItem(const Item& item, const ConvertOptions& options,
                       const std::function<Result<void>(std::span<const std::byte>)>& append);

} // namespace bathy::model::gguf
