#include "app/models/model_card_text.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace bathy::models {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::models::ModelCardText)
};

QString kindText(api::AttentionKind kind) {
    switch (kind) {
    case api::AttentionKind::CompressedSparse:
        return Words::tr("compressed sparse attention");
    case api::AttentionKind::HeavilyCompressed:
        return Words::tr("heavily compressed attention");
    case api::AttentionKind::Latent:
        return Words::tr("latent attention over all tokens");
    case api::AttentionKind::SparseLatent:
        return Words::tr("latent attention over tokens that an indexer picks");
    case api::AttentionKind::Grouped:
        return Words::tr("grouped-query attention over all tokens");
    case api::AttentionKind::SlidingWindow:
        break;
    }
    return Words::tr("sliding window attention");
}

QString routerText(api::RouterKind router) {
    switch (router) {
    case api::RouterKind::Hash:
        return Words::tr("experts fixed by the token (hash)");
    case api::RouterKind::Learned:
        return Words::tr("experts chosen by a learned router");
    case api::RouterKind::None:
        break;
    }
    return Words::tr("no experts");
}

QString fitText(const api::ModelCard& card) {
    return card.fits ? Words::tr("Fits") : Words::tr("Does not fit");
}

} // namespace

QString countText(quint64 count) {
    const QLocale locale;
    const auto value = static_cast<double>(count);
    if (value >= 1e9)
        return Words::tr("%1 B").arg(locale.toString(value / 1e9, 'f', value >= 1e11 ? 1 : 2));
    if (value >= 1e6)
        return Words::tr("%1 M").arg(locale.toString(value / 1e6, 'f', value >= 1e8 ? 0 : 1));
    if (value >= 1e4)
        return Words::tr("%1 k").arg(locale.toString(value / 1e3, 'f', 0));
    return locale.toString(count);
}

QString byteText(double bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), bytes < 10240 ? 0 : 1);
}

QString familyText(const api::ModelCard& card) {
    if (card.family == "deepseek_v4")
        return QStringLiteral("DeepSeek-V4");
    if (card.family == "deepseek_v3")
        return QStringLiteral("DeepSeek-V3");
    if (card.family == "dense")
        return Words::tr("Dense");
    return QString::fromStdString(card.family);
}

QVector<ModelFact> modelFacts(const api::ModelCard& card) {
    const QLocale locale;
    QVector<ModelFact> facts{
        {Words::tr("Family"), familyText(card), Certainty::Measured, Words::tr("From the checkpoint's configuration.")},
        {Words::tr("Parameters"),
         Words::tr("%1 in all, %2 for each token")
             .arg(countText(card.parametersTotal), countText(card.parametersActive)),
         Certainty::Derived,
         Words::tr("Counted over the checkpoint's tensors. Each token passes only through the experts it is sent to.")},
        {Words::tr("Weights"), byteText(static_cast<double>(card.weightBytes)), Certainty::Measured,
         Words::tr("Bytes of all tensors, as they are stored.")},
        {Words::tr("Context"), Words::tr("%1 tokens").arg(locale.toString(static_cast<qlonglong>(card.contextLength))),
         Certainty::Measured, Words::tr("The longest conversation this checkpoint was made for.")}};
    if (card.routedExperts > 0)
        facts.append({Words::tr("Experts"),
                      Words::tr("%1 a layer, %2 for each token").arg(card.routedExperts).arg(card.expertsPerToken),
                      Certainty::Measured, Words::tr("From the checkpoint's configuration.")});
    if (!card.kv.empty())
        facts.append({Words::tr("Memory per token"),
                      Words::tr("%1, and %2 once")
                          .arg(byteText(card.kv.front().bytesPerToken),
                               byteText(static_cast<double>(card.kv.front().constantBytes))),
                      Certainty::Derived, QString::fromStdString(card.kv.front().name)});
    facts.append({Words::tr("On this machine"),
                  Words::tr("%1: %2 of memory free")
                      .arg(fitText(card), byteText(static_cast<double>(card.memoryAvailableBytes))),
                  Certainty::Estimated,
                  Words::tr("Weights and 4,096 tokens of context against the memory that is free now.")});
    if (card.draftLayers > 0)
        facts.append({Words::tr("Draft blocks"), locale.toString(card.draftLayers), Certainty::Measured,
                      Words::tr("Blocks that guess several tokens ahead. Listed; not used yet.")});
    return facts;
}

QVector<Share> dtypeShares(const api::ModelCard& card) {
    double all = 0;
    for (const auto& part : card.bytesByDtype)
        all += static_cast<double>(part.bytes);
    QVector<Share> shares;
    for (const auto& part : card.bytesByDtype)
        if (part.bytes > 0)
            shares.append({QString::fromStdString(part.name), static_cast<double>(part.bytes) / all,
                           byteText(static_cast<double>(part.bytes))});
    std::sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) { return a.fraction > b.fraction; });
    return shares;
}

QVector<LayerMark> layerMarks(const api::ModelCard& card) {
    QVector<LayerMark> marks;
    int number = 0;
    for (const auto& layer : card.layers) {
        auto text = Words::tr("Layer %1: %2").arg(number++).arg(kindText(layer.attention));
        if (layer.ratio > 0)
            text += Words::tr(", %1 tokens in one entry").arg(layer.ratio);
        text += QStringLiteral("; ") + routerText(layer.router);
        marks.append({layer.attention, layer.router == api::RouterKind::Hash, text});
    }
    return marks;
}

} // namespace bathy::models
