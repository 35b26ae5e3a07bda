#include "app/panels/attention/attention_panel.h"

#include "app/models/token_display.h"
#include "widgets/colour/colour_legend.h"
#include "widgets/minimap/minimap_view.h"
#include "widgets/token_strip/token_strip_view.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QSplitter>

#include <algorithm>

namespace bathy::panels {
namespace {

constexpr std::size_t kMarked = 3; // passages pointed out on the minimap
constexpr int kPositionRole = Qt::UserRole;
constexpr double kLeastScale = 1e-4;

} // namespace

AttentionPanel::AttentionPanel(InspectorContext context, QWidget* parent) : InspectorPanel(std::move(context), parent) {
    buildControls();
    setContent(buildChart(), tr("Attention"), {});
    m_passageTable =
        new models::PlainTableModel({tr("Place"), tr("Share"), tr("First token"), tr("Last token"), tr("Text")}, this);
    m_layerTable = new models::PlainTableModel(
        {tr("Layer"), tr("Attention"), tr("Tokens an entry"), tr("Entries"), tr("Window"), tr("No token")}, this);
    addTable(tr("Passages"), m_passageTable);
    addTable(tr("Layers"), m_layerTable);
    showEmpty();
    if (auto* presenter = this->context().evidence)
        connect(presenter, &models::EvidencePresenter::answered, this, &AttentionPanel::take);
}

void AttentionPanel::buildControls() {
    m_part = new QComboBox(this);
    m_part->addItem(tr("Picked by the indexer"), static_cast<int>(models::EvidencePart::Chosen));
    m_part->addItem(tr("Heavily compressed"), static_cast<int>(models::EvidencePart::Compressed));
    m_part->addItem(tr("Window of last tokens"), static_cast<int>(models::EvidencePart::Window));
    m_part->addItem(tr("All attention"), static_cast<int>(models::EvidencePart::All));
    m_part->setAccessibleName(tr("Which attention is shown"));
    m_layer = new QComboBox(this);
    m_layer->addItem(tr("Mean of all layers"), -1);
    m_layer->setAccessibleName(tr("Layer"));
    controls()->addWidget(m_part);
    controls()->addWidget(m_layer);
    for (auto* box : {m_part, m_layer})
        connect(box, &QComboBox::activated, this, [this] { refreshNow(); });
}

QWidget* AttentionPanel::buildChart() {
    m_view = new widgets::TokenStripView;
    m_view->setDescriber([this](std::int64_t position) {
        const auto i = static_cast<std::size_t>(position);
        const auto share = i < m_evidence.shares.size() ? m_evidence.shares[i] : 0.0F;
        return tr("Token %1: %2 of the attention").arg(position).arg(shareText(share));
    });
    m_map = new widgets::MinimapView;
    m_legend = new widgets::ColourLegend;
    m_legend->setFormatter([](double value) { return shareText(value); });
    m_passages = new QListWidget;
    m_passages->setAccessibleName(tr("Passages with most of the attention"));
    m_passages->setWordWrap(true);
    m_passages->setAlternatingRowColors(true);
    m_passages->setSpacing(2);
    m_passages->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_passages->setFrameShape(QFrame::NoFrame);

    auto* text = new QWidget;
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(m_map);
    row->addWidget(m_view, 1);
    auto* column = new QVBoxLayout(text);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(row, 1);
    column->addWidget(m_legend);
    auto* list = new QWidget;
    auto* listColumn = new QVBoxLayout(list);
    listColumn->setContentsMargins(0, 0, 0, 0);
    listColumn->setSpacing(4);
    auto* title = new QLabel(tr("Passages with most of it"));
    title->setForegroundRole(QPalette::PlaceholderText);
    listColumn->addWidget(title);
    listColumn->addWidget(m_passages, 1);
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(text);
    splitter->addWidget(list);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);

    auto& selection = context().selection;
    connect(m_view, &widgets::TokenStripView::tokenChosen, &selection, &bridge::Selection::selectToken);
    connect(m_view, &widgets::TokenStripView::rangeExtended, &selection, &bridge::Selection::extendTo);
    connect(m_view, &widgets::TokenStripView::cleared, &selection, &bridge::Selection::followNewest);
    connect(m_view, &widgets::TokenStripView::scrolled, this, [this] {
        const auto [begin, end] = m_view->visiblePositions();
        m_map->setVisibleTokens(begin, end);
    });
    connect(m_map, &widgets::MinimapView::tokenPointed, m_view, &widgets::TokenStripView::showPosition);
    const auto goTo = [this](const QListWidgetItem* item) {
        if (item)
            m_view->showPosition(item->data(kPositionRole).toLongLong());
    };
    connect(m_passages, &QListWidget::currentItemChanged, this, goTo);
    connect(m_passages, &QListWidget::itemClicked, this, goTo);
    connect(m_legend, &widgets::ColourLegend::rangeChosen, this, [this](double low, double high) {
        m_view->setScale({{low, high}, widgets::ScaleKind::Linear});
        m_map->setScale({{low, high}, widgets::ScaleKind::Linear});
    });
    connect(m_legend, &widgets::ColourLegend::automaticChosen, this, [this] { showScale(); });
    return splitter;
}

void AttentionPanel::setPart(models::EvidencePart part) {
    m_part->setCurrentIndex(m_part->findData(static_cast<int>(part)));
    refreshNow();
}

models::EvidenceChoice AttentionPanel::choice() const {
    const int layer = m_layer->currentData().toInt();
    return {static_cast<models::EvidencePart>(m_part->currentData().toInt()),
            layer < 0 ? std::nullopt : std::optional(LayerId{layer})};
}

// A token while the answer goes on only when somebody asks for it: looking takes turns with writing.
std::int64_t AttentionPanel::wantedToken() const {
    if (!run() || run()->tokenCount == 0)
        return -1;
    if (!selected().tokens.isEmpty())
        return std::min(selected().tokens.end, run()->tokenCount) - 1;
    const auto* answer = run()->lastAnswer();
    return answer && answer->finished && answer->end > answer->begin ? answer->end - 1 : -1;
}

void AttentionPanel::refresh() {
    fillLayers();
    if (!isLocked())
        want(run() ? run()->session : SessionId{}, wantedToken());
    showEvidence();
}

void AttentionPanel::want(SessionId session, std::int64_t token) {
    if (session == m_session && token == m_token)
        return;
    if (session != m_session || token < 0)
        m_probe.reset();
    m_session = session;
    m_token = token;
    m_problem = {};
    const auto position = token < 0 ? -1 : askedPosition(*run(), token);
    m_waiting = position >= 0 && context().evidence;
    if (m_waiting)
        context().evidence->ask(session, position);
    else
        m_probe.reset();
}

void AttentionPanel::take(const models::EvidenceAnswer& answer) {
    if (isLocked() || !m_waiting || answer.session != m_session || !run() ||
        answer.position != askedPosition(*run(), m_token))
        return;
    m_waiting = false;
    m_probe = answer.probe;
    m_problem = answer.problem;
    m_shownToken = m_token;
    showEvidence();
    if (m_probe && !m_evidence.passages.empty())
        m_view->showPosition(m_evidence.passages.front().begin);
}

// Layers of the model, and the parts that it has.
void AttentionPanel::fillLayers() {
    const auto* card = run() ? run()->card.get() : nullptr;
    if (card == m_layersOf || !card)
        return;
    m_layersOf = card;
    const auto kept = m_layer->currentData();
    m_layer->clear();
    m_layer->addItem(tr("Mean of all layers"), -1);
    for (int layer = 0; layer < static_cast<int>(card->layers.size()); ++layer)
        m_layer->addItem(
            tr("Layer %1 (%2)").arg(layer).arg(kindText(card->layers[static_cast<std::size_t>(layer)].attention)),
            layer);
    m_layer->setCurrentIndex(std::max(0, m_layer->findData(kept)));
    if (!models::hasPart(card->layers, choice().part))
        m_part->setCurrentIndex(m_part->findData(static_cast<int>(models::EvidencePart::All)));
}

void AttentionPanel::showEvidence() {
    if (!m_probe || !run() || !run()->card) {
        m_evidence = {};
        showEmpty();
        setHasContent(false);
        return;
    }
    m_evidence = models::evidenceOf(*m_probe, run()->card->layers, choice());
    m_view->setData(m_content.strip(*run(), m_evidence));
    m_view->setSelected(m_shownToken, m_shownToken + 1);
    m_map->setData(minimapOf(*run(), m_evidence, m_shownToken, kMarked));
    showScale();
    m_passages->clear();
    for (const auto& passage : m_evidence.passages) {
        auto* item = new QListWidgetItem(
            tr("%1   … %2 …").arg(shareText(passage.share), excerpt(*run(), passage.begin, passage.end)), m_passages);
        item->setData(kPositionRole, static_cast<qint64>(passage.begin));
        item->setToolTip(tr("Tokens %1 to %2. Click to go there.").arg(passage.begin).arg(passage.end - 1));
    }
    setCaption(captionText());
    setHasContent(true);
}

void AttentionPanel::showScale() {
    const auto& shares = m_evidence.shares;
    const auto high = shares.empty() ? 0.0F : *std::max_element(shares.begin(), shares.end());
    const widgets::ColourRange full{0, std::max<double>(high, kLeastScale)};
    if (!m_legend->isAutomatic())
        return;
    m_view->setScale({full, widgets::ScaleKind::Linear});
    m_map->setScale({full, widgets::ScaleKind::Linear});
    m_legend->setScale({full, widgets::ScaleKind::Linear}, full);
}

void AttentionPanel::showEmpty() {
    if (!m_problem.title.isEmpty())
        return setEmptyText(tr("The engine cannot say what this token was read from.\n\n%1\n\nOnly a conversation that "
                               "the engine holds can be looked into: go on with it, or replay the answer.")
                                .arg(m_problem.detail));
    if (m_waiting)
        return setEmptyText(tr("Looking…"));
    setEmptyText(tr("Nothing to look at yet.\n\nAsk the model something. When it has answered, or when you select a "
                    "token, this shows the places of the conversation that it was read from."));
}

QString AttentionPanel::captionText() const {
    const auto* row = run()->token(m_shownToken);
    const auto word = row ? excerpt(*run(), m_shownToken, m_shownToken + 1) : QString();
    if (m_evidence.layers == 0)
        return tr("No layer of this choice has such attention. Choose another one above.");
    const auto who = row && row->isGenerated() ? tr("What the model read when it wrote “%1”").arg(word)
                                               : tr("What the model read when it came to “%1”").arg(word);
    auto text =
        who + QStringLiteral(": ") +
        (choice().layer ? tr("share of the attention in this layer, mean over heads")
                        : tr("share of the attention, mean over %1 layers and their heads").arg(m_evidence.layers));
    text += tr("; %1 of it is shown, %2 went to no token. It says what was read, not that the answer follows from it.")
                .arg(shareText(m_evidence.counted), shareText(m_evidence.nowhere));
    return m_waiting ? tr("Looking at another token… ") + text : text;
}

void AttentionPanel::updateTables() {
    m_passageTable->setRows(m_probe && run() ? passageCells(*run(), m_evidence) : Cells{});
    m_layerTable->setRows(m_probe && run() ? layerCells(*run(), *m_probe) : Cells{});
}

InspectorPanel* AttentionPanel::makeAnother(InspectorContext context) const {
    auto* other = new AttentionPanel(std::move(context));
    other->m_part->setCurrentIndex(m_part->currentIndex());
    other->m_layer->clear();
    for (int i = 0; i < m_layer->count(); ++i)
        other->m_layer->addItem(m_layer->itemText(i), m_layer->itemData(i));
    other->m_layer->setCurrentIndex(m_layer->currentIndex());
    other->m_layersOf = m_layersOf;
    other->m_session = m_session;
    other->m_token = m_token;
    other->m_probe = m_probe;
    other->m_shownToken = m_shownToken;
    return other;
}

QSize AttentionPanel::pictureSize() const {
    return {std::max(m_view->width() + m_map->width(), 520),
            std::max(m_view->height(), 300) + m_legend->sizeHint().height()};
}

void AttentionPanel::paintPicture(QPainter& painter, QSize size) const {
    const int legendHeight = m_legend->sizeHint().height(), mapWidth = m_map->sizeHint().width();
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    m_map->paintTo(painter, {4, 4, mapWidth, size.height() - legendHeight - 8});
    painter.save();
    painter.translate(mapWidth + 8, 0);
    m_view->paintTo(painter, {size.width() - mapWidth - 8, size.height() - legendHeight});
    painter.restore();
    m_legend->paintTo(painter, QRect(8, size.height() - legendHeight, size.width() - 16, legendHeight));
}

} // namespace bathy::panels
