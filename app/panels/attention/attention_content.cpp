#include "app/panels/attention/attention_content.h"

#include "app/models/token_display.h"

#include <QCoreApplication>

#include <algorithm>
#include <numeric>

namespace bathy::panels {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("AttentionPanel", text);
}

models::PlainCell numberCell(qint64 number) {
    return {QString::number(number), number};
}
models::PlainCell shareCell(double share) {
    return {shareText(share), share};
}

} // namespace

std::int64_t askedPosition(const models::RunData& run, std::int64_t token) {
    const auto* row = run.token(token);
    if (!row)
        return -1;
    return row->isGenerated() ? token - 1 : token;
}

QString excerpt(const models::RunData& run, std::int64_t begin, std::int64_t end) {
    QByteArray bytes;
    for (auto position = begin; position < end; ++position) {
        const auto* row = run.token(position);
        const auto text = row ? run.texts->bytes(row->token) : std::string_view("…");
        const auto name = models::specialName(text);
        bytes += name.isEmpty() ? QByteArray(text.data(), static_cast<qsizetype>(text.size()))
                                : (QStringLiteral(" ‹") + name + QStringLiteral("› ")).toUtf8();
    }
    return QString::fromUtf8(bytes).simplified();
}

QString shareText(double share) {
    const double percent = share * 100;
    return QStringLiteral("%1 %").arg(percent, 0, 'f', percent > 0 && percent < 0.995 ? 2 : 1);
}

std::shared_ptr<const widgets::TokenStripData> AttentionContent::strip(const models::RunData& run,
                                                                       const models::Evidence& evidence) {
    m_glyphs.begin(run);
    auto made = std::make_shared<widgets::TokenStripData>();
    made->items.reserve(static_cast<std::size_t>(run.tokenCount));
    for (std::int64_t position = 0; position < run.tokenCount; ++position) {
        const auto i = static_cast<std::size_t>(position);
        const float share = i < evidence.shares.size() ? evidence.shares[i] : 0.0F;
        made->items.push_back({position, m_glyphs.indexOf(run, position), share > 0 ? share : NAN});
    }
    made->glyphs = m_glyphs.all();
    return made;
}

std::shared_ptr<const widgets::MinimapData> minimapOf(const models::RunData& run, const models::Evidence& evidence,
                                                      std::int64_t selected, std::size_t marks) {
    auto map = std::make_shared<widgets::MinimapData>();
    map->values = evidence.shares;
    map->values.resize(static_cast<std::size_t>(run.tokenCount), 0.0F);
    for (std::size_t i = 0; i < std::min(marks, evidence.passages.size()); ++i)
        map->marks.push_back({evidence.passages[i].begin, evidence.passages[i].end});
    map->cursor = selected;
    return map;
}

Cells passageCells(const models::RunData& run, const models::Evidence& evidence) {
    Cells cells;
    qint64 place = 1;
    for (const auto& passage : evidence.passages)
        cells.push_back({numberCell(place++),
                         shareCell(passage.share),
                         numberCell(passage.begin),
                         numberCell(passage.end - 1),
                         {excerpt(run, passage.begin, passage.end), {}}});
    return cells;
}

Cells layerCells(const models::RunData& run, const api::ProbeAnswer& answer) {
    Cells cells;
    for (const auto& layer : answer.layers) {
        const auto index = static_cast<std::size_t>(raw(layer.layer));
        const auto entries = std::accumulate(layer.entries.begin(), layer.entries.end(), 0.0,
                                             [](double sum, const auto& entry) { return sum + entry.value; });
        const auto window = std::accumulate(layer.window.begin(), layer.window.end(), 0.0);
        const bool known = run.card && index < run.card->layers.size();
        cells.push_back({numberCell(raw(layer.layer)),
                         {known ? kindText(run.card->layers[index].attention) : QString(), {}},
                         numberCell(known ? run.card->layers[index].ratio : 0),
                         shareCell(entries),
                         shareCell(window),
                         shareCell(layer.sink)});
    }
    return cells;
}

QString kindText(api::AttentionKind kind) {
    switch (kind) {
    case api::AttentionKind::SlidingWindow:
        return tr("window");
    case api::AttentionKind::CompressedSparse:
        return tr("sparse");
    case api::AttentionKind::HeavilyCompressed:
        return tr("heavily compressed");
    case api::AttentionKind::Latent:
        return tr("latent");
    case api::AttentionKind::SparseLatent:
        return tr("sparse latent");
    case api::AttentionKind::Grouped:
        return tr("grouped");
    }
    return {};
}

} // namespace bathy::panels
