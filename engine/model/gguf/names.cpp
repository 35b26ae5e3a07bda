#include "engine/model/gguf/names.h"

#include <charconv>
#include <string>
#include <unordered_map>

namespace bathy::model::gguf {
namespace {

using checkpoint::TensorView;

constexpr std::string_view kBlock = "blk.";
constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kScale = ".scale";

std::string_view withoutSuffix(std::string_view name, std::string_view suffix) {
    return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : std::string_view();
}

std::string withNumber(std::string_view pattern, std::int64_t number) {
    const auto mark = pattern.find('#');
    return std::string(pattern.substr(0, mark)) + std::to_string(number) + std::string(pattern.substr(mark + 1));
}

// A rectangle of a stored tensor that becomes an alias: `pieces` equal pieces, the `index`th of them.
struct Piece {
    std::int64_t index = 0;
    std::int64_t pieces = 1;
    std::vector<std::int64_t> shape;
};

class Namer {
public:
    Namer(checkpoint::Checkpoint& checkpoint, const NameTable& table) : m_checkpoint(checkpoint), m_table(table) {
        for (const auto& rename : table.top)
            m_top.emplace(rename.from, &rename);
        for (const auto& rename : table.layer)
            m_layer.emplace(rename.from, &rename);
    }

    Result<void> all() {
        for (std::size_t i = 0; i < m_checkpoint.tensorCount(); ++i)
            BATHY_CHECK(one(i));
        if (!m_checkpoint.find(m_table.head))
            if (const auto embedding = m_checkpoint.indexOf(m_table.embedding))
                return add(*embedding, std::string(m_table.head), whole(m_checkpoint.tensor(*embedding)));
        return {};
    }

private:
    using Index = std::unordered_map<std::string_view, const Rename*>;

    static Piece whole(const TensorView& view) {
        return {0, 1, std::vector<std::int64_t>(view.shape.begin(), view.shape.end())};
    }

    Result<void> add(std::size_t tensor, std::string name, Piece piece) {
        const auto bytes = m_checkpoint.tensor(tensor).bytes.size() / static_cast<std::uint64_t>(piece.pieces);
        return m_checkpoint.addAlias(
            {std::move(name), tensor, std::move(piece.shape), static_cast<std::uint64_t>(piece.index) * bytes, bytes});
    }

    Error badShape(const TensorView& view, std::string_view wanted) const {
        return Error(ErrorCode::BadFile, m_checkpoint.name() + ": tensor \"" + std::string(view.name) +
                                             "\": shape is not that of " + std::string(wanted));
    }

    Result<void> one(std::size_t index) {
        const auto name = m_checkpoint.tensor(index).name;
        auto rest = name;
        std::string prefix;
        if (name.starts_with(kBlock)) {
            const auto dot = name.find_first_not_of("0123456789", kBlock.size());
            if (dot == std::string_view::npos || dot == kBlock.size() || name[dot] != '.')
                return {};
            prefix =
                std::string(m_table.layerPrefix) + std::string(name.substr(kBlock.size(), dot + 1 - kBlock.size()));
            rest = name.substr(dot + 1);
        }
        const auto& known = prefix.empty() ? m_top : m_layer;
        if (const auto found = known.find(rest); found != known.end())
            return rename(index, prefix, *found->second);
        if (const auto stem = withoutSuffix(rest, kScale); !stem.empty())
            if (const auto found = known.find(std::string(stem).append(kWeight)); found != known.end())
                return renameScale(index, prefix, *found->second);
        return {};
    }

    Result<void> rename(std::size_t index, const std::string& prefix, const Rename& rename) {
        const auto view = m_checkpoint.tensor(index);
        if (rename.form == Form::Whole)
            return add(index, prefix + std::string(rename.to), whole(view));
        if (view.shape.size() != 3)
            return badShape(view, rename.form == Form::Heads ? "one matrix for each head" : "fused experts");
        const auto count = view.shape[0];
        const auto rows = view.shape[1];
        const auto cols = view.shape[2];
        if (rename.form == Form::Heads)
            return add(index, prefix + std::string(rename.to), {0, 1, {count * rows, cols}});
        const bool pair = rename.form == Form::GateUp;
        if (pair && rows % 2 != 0)
            return badShape(view, "gate and up rows");
        for (std::int64_t e = 0; e < count; ++e) {
            if (!pair) {
                BATHY_CHECK(add(index, prefix + withNumber(rename.to, e), {e, count, {rows, cols}}));
                continue;
            }
            BATHY_CHECK(add(index, prefix + withNumber(rename.to, e), {2 * e, 2 * count, {rows / 2, cols}}));
            BATHY_CHECK(add(index, prefix + withNumber(rename.second, e), {2 * e + 1, 2 * count, {rows / 2, cols}}));
        }
        return {};
    }

    // One value for the matrix, or one for each expert.
    Result<void> renameScale(std::size_t index, const std::string& prefix, const Rename& rename) {
        const auto view = m_checkpoint.tensor(index);
        const auto scaleOf = [](std::string_view to) { return std::string(withoutSuffix(to, kWeight)).append(kScale); };
        if (rename.form == Form::Whole || rename.form == Form::Heads) {
            if (view.elementCount() != 1)
                return badShape(view, "one scale");
            return add(index, prefix + scaleOf(rename.to), whole(view));
        }
        const auto count = view.elementCount();
        for (std::int64_t e = 0; e < count; ++e) {
            BATHY_CHECK(add(index, withNumber(prefix + scaleOf(rename.to), e), {e, count, {1}}));
            if (rename.form == Form::GateUp)
                BATHY_CHECK(add(index, withNumber(prefix + scaleOf(rename.second), e), {e, count, {1}}));
        }
        return {};
    }

    checkpoint::Checkpoint& m_checkpoint;
    const NameTable& m_table;
    Index m_top;
    Index m_layer;
};

} // namespace

Result<void> addNames(checkpoint::Checkpoint& checkpoint, const NameTable& table) {
    return Namer(checkpoint, table).all();
}

bool isDraftOrSide(std::string_view name, int mainBlocks) {
    if (name.ends_with(".input_scale"))
        return true;
    if (!name.starts_with(kBlock))
        return false;
    int block = -1;
    std::from_chars(name.data() + kBlock.size(), name.data() + name.size(), block);
    return block >= mainBlocks;
}

} // namespace bathy::model::gguf
