// An answer as the tokens it is made of, and a card about the selected one. Where the selection is made that all
// inspection panels follow. UI thread.
#pragma once

#include "app/panels/common/inspector_panel.h"
#include "app/panels/tokens/token_strip_content.h"

class QComboBox;
class QSplitter;

namespace bathy::models {
class PlainTableModel;
class TokenTableModel;
} // namespace bathy::models

namespace bathy::widgets {
class ColourLegend;
class TokenStripView;
} // namespace bathy::widgets

namespace bathy::panels {

class TokenCard;

class TokensPanel : public InspectorPanel {
    Q_OBJECT
public:
    explicit TokensPanel(InspectorContext context, QWidget* parent = nullptr);

    void setScope(TokenScope scope);
    void setTint(TokenTint tint);

protected:
    void refresh() override;
    void updateTables() override;
    InspectorPanel* makeAnother(InspectorContext context) const override;
    void paintPicture(QPainter& painter, QSize size) const override;
    QSize pictureSize() const override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildControls();
    QWidget* buildChart();
    void updateScale();
    QString captionText() const;
    TokenTint tint() const;

    TokenStripContent m_strip;
    bridge::TokenRange m_range; // that the strip shows
    QComboBox* m_scope;
    QComboBox* m_tint;
    QSplitter* m_splitter;
    widgets::TokenStripView* m_view;
    widgets::ColourLegend* m_legend;
    TokenCard* m_card;
    models::TokenTableModel* m_tokens;
    models::PlainTableModel* m_alternatives;
    models::PlainTableModel* m_experts;
};

} // namespace bathy::panels
