// A model card as sentences and numbers for people. Pure.
#pragma once

#include "engine/api/model_card.h"

#include <QString>
#include <QVector>

namespace bathy::models {

enum class Certainty : std::uint8_t { Measured, Derived, Estimated };

struct ModelFact {
    QString label;
    QString value;
    Certainty certainty{};
    QString explanation; // how the number comes about
};

struct Share {
    QString name;
    double fraction = 0; // of the whole, 0…1
    QString amount;      // "1.2 GiB"
};

struct LayerMark {
    using Kind = api::AttentionKind;
    Kind kind{};
    bool hashRouted = false;
    QString explanation;
};

QString countText(quint64 count); // "13.27 B", "850 k"
QString byteText(double bytes);   // "1.2 GiB"
QString familyText(const api::ModelCard& card);
QVector<ModelFact> modelFacts(const api::ModelCard& card);
QVector<Share> dtypeShares(const api::ModelCard& card);
QVector<LayerMark> layerMarks(const api::ModelCard& card);

} // namespace bathy::models
