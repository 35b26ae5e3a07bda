// The layers of a model from first to last, one cell each: colour for the kind of attention, a line under hash-routed
// ones, words on hover. UI thread.
#pragma once

#include "app/models/model_card_text.h"

#include <QWidget>

namespace bathy::panels {

class LayerStrip : public QWidget {
    Q_OBJECT
public:
    explicit LayerStrip(QWidget* parent = nullptr);

    void setLayers(QVector<models::LayerMark> layers);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    double cellWidth() const;

    struct LegendEntry {
        int kind = 0; // api::AttentionKind; -1: the line of hash-routed layers
        QString text;
    };
    QVector<LegendEntry> legend() const; // of the kinds that this model has

    QVector<models::LayerMark> m_layers;
};

} // namespace bathy::panels
