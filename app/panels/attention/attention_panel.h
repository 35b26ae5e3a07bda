// What the selected token was read from: the conversation tinted by how much attention each token had, a minimap of all
// of it, and the passages that had most. Follows the one selection. UI thread.
#pragma once

#include "app/models/evidence_presenter.h"
#include "app/panels/attention/attention_content.h"
#include "app/panels/common/inspector_panel.h"

class QComboBox;
class QLabel;
class QListWidget;

namespace bathy::widgets {
class ColourLegend;
class MinimapView;
class TokenStripView;
} // namespace bathy::widgets

namespace bathy::panels {

class AttentionPanel : public InspectorPanel {
    Q_OBJECT
public:
    explicit AttentionPanel(InspectorContext context, QWidget* parent = nullptr);

    void setPart(models::EvidencePart part);
    const models::Evidence& evidence() const { return m_evidence; }

protected:
    void refresh() override;
    void updateTables() override;
    InspectorPanel* makeAnother(InspectorContext context) const override;
    void paintPicture(QPainter& painter, QSize size) const override;
    QSize pictureSize() const override;

private:
    void buildControls();
    QWidget* buildChart();
    std::int64_t wantedToken() const; // -1: none for now
    void want(SessionId session, std::int64_t token);
    void take(const models::EvidenceAnswer& answer);
    void fillLayers();
    void showEvidence();
    void showScale();
    void showEmpty();
    QString captionText() const;
    models::EvidenceChoice choice() const;

    AttentionContent m_content;
    SessionId m_session{};                           // asked about last
    std::int64_t m_token = -1;                       // that is selected; -1: none
    bool m_waiting = false;                          // for the engine
    std::shared_ptr<const api::ProbeAnswer> m_probe; // what is shown; null: nothing yet
    std::int64_t m_shownToken = -1;                  // that m_probe is about
    models::ErrorText m_problem;                     // why there is nothing
    models::Evidence m_evidence;
    const api::ModelCard* m_layersOf = nullptr; // the card that the list of layers was filled from; only compared
    QComboBox* m_part;
    QComboBox* m_layer;
    widgets::TokenStripView* m_view;
    widgets::MinimapView* m_map;
    widgets::ColourLegend* m_legend;
    QListWidget* m_passages;
    models::PlainTableModel* m_passageTable;
    models::PlainTableModel* m_layerTable;
};

} // namespace bathy::panels
