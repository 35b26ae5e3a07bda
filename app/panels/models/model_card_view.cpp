#include "app/panels/models/model_card_view.h"

#include "app/panels/models/layer_strip.h"
#include "app/panels/models/share_bar.h"
#include "app/panels/models/wrapping_label.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace bathy::panels {
namespace {

QString badgeText(models::Certainty certainty) {
    switch (certainty) {
    case models::Certainty::Measured:
        return ModelCardView::tr("measured");
    case models::Certainty::Derived:
        return ModelCardView::tr("derived");
    case models::Certainty::Estimated:
        break;
    }
    return ModelCardView::tr("estimated");
}

QLabel* caption(const QString& text) {
    auto* label = new QLabel(text);
    auto font = label->font();
    font.setBold(true);
    label->setFont(font);
    return label;
}

} // namespace

ModelCardView::ModelCardView(QWidget* parent)
    : QWidget(parent), m_name(wrappingLabel()), m_description(wrappingLabel()), m_facts(new QFormLayout),
      m_dtypes(new ShareBar), m_layers(new LayerStrip), m_warnings(wrappingLabel()) {
    auto font = m_name->font();
    font.setPointSizeF(font.pointSizeF() * 1.4);
    font.setBold(true);
    m_name->setFont(font);
    m_facts->setHorizontalSpacing(16);
    m_facts->setVerticalSpacing(8);
    m_facts->setRowWrapPolicy(QFormLayout::WrapLongRows);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_name);
    layout->addWidget(m_description);
    layout->addWidget(m_warnings);
    layout->addSpacing(8);
    layout->addLayout(m_facts);
    layout->addSpacing(8);
    layout->addWidget(caption(tr("Number formats")));
    layout->addWidget(m_dtypes);
    layout->addSpacing(8);
    layout->addWidget(caption(tr("Layers, first to last")));
    layout->addWidget(m_layers);
    layout->addStretch();
}

void ModelCardView::setCard(const api::ModelCard& card) {
    m_name->setText(QString::fromStdString(card.name));
    m_description->setText(QString::fromStdString(card.description));
    m_description->setVisible(!card.description.empty());
    QStringList warnings;
    for (const auto& warning : card.warnings)
        warnings << QStringLiteral("⚠ ") + QString::fromStdString(warning);
    m_warnings->setText(warnings.join(QLatin1Char('\n')));
    m_warnings->setVisible(!warnings.isEmpty());
    setFacts(models::modelFacts(card));
    m_dtypes->setShares(models::dtypeShares(card));
    m_layers->setLayers(models::layerMarks(card));
}

void ModelCardView::setFacts(const QVector<models::ModelFact>& facts) {
    while (m_facts->rowCount() > 0)
        m_facts->removeRow(0);
    for (const auto& fact : facts) {
        auto* value = wrappingLabel();
        value->setTextFormat(Qt::RichText);
        value->setText(
            QStringLiteral("%1 <small>(%2)</small>").arg(fact.value.toHtmlEscaped(), badgeText(fact.certainty)));
        value->setToolTip(fact.explanation);
        m_facts->addRow(fact.label, value);
    }
}

} // namespace bathy::panels
