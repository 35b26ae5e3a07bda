// The header card of a model: name, what it is, facts with how sure each is, number formats, layers. UI thread.
#pragma once

#include "app/models/model_card_text.h"

#include <QWidget>

class QFormLayout;
class QLabel;

namespace bathy::panels {

class LayerStrip;
class ShareBar;

class ModelCardView : public QWidget {
    Q_OBJECT
public:
    explicit ModelCardView(QWidget* parent = nullptr);

    void setCard(const api::ModelCard& card);

private:
    void setFacts(const QVector<models::ModelFact>& facts);

    QLabel* m_name;
    QLabel* m_description;
    QFormLayout* m_facts;
    ShareBar* m_dtypes;
    LayerStrip* m_layers;
    QLabel* m_warnings;
};

} // namespace bathy::panels
