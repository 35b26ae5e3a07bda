#include "app/panels/tokens/tokens_panel.h"

#include "app/models/plain_table.h"
#include "app/models/run_token_table.h"
#include "app/panels/tokens/token_card.h"
#include "widgets/colour/colour_legend.h"
#include "widgets/token_strip/token_strip_view.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QPainter>
#include <QResizeEvent>
#include <QSplitter>
#include <QTableView>

namespace bathy::panels {
namespace {

constexpr double kWideAspect = 1.3; // wider than this: strip and card side by side

constexpr double kStripShare = 0.44; // of the length, until somebody moves the handle

} // namespace

TokensPanel::TokensPanel(InspectorContext context, QWidget* parent) : InspectorPanel(std::move(context), parent) {
    buildControls();
    setContent(buildChart(), tr("Tokens"),
               tr("No tokens yet.\n\nAsk the model something: its answer appears here token by token, coloured by how "
                  "sure the model was of each."));
    m_tokens = new models::TokenTableModel(this);
    m_alternatives =
        new models::PlainTableModel({tr("Distribution"), tr("Place"), tr("Id"), tr("Text"), tr("Probability")}, this);
    m_experts = new models::PlainTableModel({tr("Layer"), tr("Place"), tr("Expert"), tr("Weight")}, this);
    auto* table = addTable(tr("Tokens"), m_tokens);
    addTable(tr("Alternatives"), m_alternatives);
    addTable(tr("Experts"), m_experts);
    connect(table, &QTableView::activated, this, [this](const QModelIndex& index) {
        const auto position = index.siblingAtColumn(models::TokenTableModel::TokenPosition).data(Qt::UserRole);
        this->context().selection.selectToken(position.toLongLong());
    });
}

void TokensPanel::buildControls() {
    m_scope = new QComboBox(this);
    m_scope->addItem(tr("This answer"));
    m_scope->addItem(tr("Whole conversation"));
    m_scope->setAccessibleName(tr("Tokens that are shown"));
    m_tint = new QComboBox(this);
    m_tint->addItem(tr("Colour: probability"));
    m_tint->addItem(tr("Colour: entropy"));
    m_tint->addItem(tr("Colour: guesses"));
    m_tint->setAccessibleName(tr("Number that colours the tokens"));
    controls()->addWidget(m_scope);
    controls()->addWidget(m_tint);
    for (auto* box : {m_scope, m_tint})
        connect(box, &QComboBox::currentIndexChanged, this, [this] { refreshNow(); });
}

QWidget* TokensPanel::buildChart() {
    auto* strip = new QWidget;
    auto* column = new QVBoxLayout(strip);
    column->setContentsMargins(0, 0, 0, 0);
    m_view = new widgets::TokenStripView;
    m_view->setDescriber([this](std::int64_t position) { return run() ? tokenTip(*run(), position) : QString(); });
    m_legend = new widgets::ColourLegend;
    m_legend->setFormatter([this](double value) {
        return tint() == TokenTint::Probability ? QStringLiteral("%1 %").arg((1 - value) * 100, 0, 'f', 0)
                                                : QStringLiteral("%1 nats").arg(value, 0, 'g', 3);
    });
    column->addWidget(m_view, 1);
    column->addWidget(m_legend);
    m_card = new TokenCard;
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->addWidget(strip);
    m_splitter->addWidget(m_card);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setChildrenCollapsible(false);

    auto& selection = context().selection;
    connect(m_view, &widgets::TokenStripView::tokenChosen, &selection, &bridge::Selection::selectToken);
    connect(m_view, &widgets::TokenStripView::rangeExtended, &selection, &bridge::Selection::extendTo);
    connect(m_view, &widgets::TokenStripView::cleared, &selection, &bridge::Selection::followNewest);
    connect(m_card, &TokenCard::expertChosen, &selection,
            [&selection](int layer, int expert) { selection.selectExpert(LayerId{layer}, ExpertId{expert}); });
    connect(m_legend, &widgets::ColourLegend::rangeChosen, this, [this](double low, double high) {
        m_view->setScale({{low, high}, widgets::ScaleKind::Linear});
    });
    connect(m_legend, &widgets::ColourLegend::automaticChosen, this, [this] { updateScale(); });
    return m_splitter;
}

TokenTint TokensPanel::tint() const {
    return static_cast<TokenTint>(m_tint->currentIndex());
}
void TokensPanel::setScope(TokenScope scope) {
    m_scope->setCurrentIndex(static_cast<int>(scope));
}
void TokensPanel::setTint(TokenTint tint) {
    m_tint->setCurrentIndex(static_cast<int>(tint));
}

void TokensPanel::refresh() {
    const bool hasTokens = run() && run()->tokenCount > 0;
    m_range = hasTokens ? stripRange(*run(), selected(), static_cast<TokenScope>(m_scope->currentIndex()))
                        : bridge::TokenRange{};
    setHasContent(hasTokens);
    if (!hasTokens)
        return;
    m_view->setData(m_strip.make(run(), m_range, tint()));
    m_view->setSelected(selected().tokens.begin, selected().tokens.end);
    m_card->setFacts(tokenFacts(run(), selected()));
    const auto& chosen = selected();
    m_card->setSelectedExpert(chosen.layer ? raw(*chosen.layer) : -1, chosen.expert ? raw(*chosen.expert) : -1);
    updateScale();
    m_legend->setVisible(tint() != TokenTint::Guess);
    setCaption(captionText());
}

QString TokensPanel::captionText() const {
    const auto boxes = tr("Each box is one token of the text, “·” a space. ");
    switch (tint()) {
    case TokenTint::Probability:
        return boxes + tr("The stronger the colour, the less probable the token was to the model.");
    case TokenTint::Entropy:
        return boxes + tr("The stronger the colour, the more the model was in two minds before it.");
    case TokenTint::Guess:
        break;
    }
    return boxes +
           tr("Coloured: tokens that the draft block had guessed ahead. Light, the guess was right and the token "
              "came almost free; strong, it was wrong.") +
           (run() ? QLatin1Char(' ') + guessSummary(*run(), m_range) : QString());
}

void TokensPanel::updateScale() {
    const double high = tint() != TokenTint::Entropy ? 1 : std::max(m_strip.largestValue(), 0.1);
    const widgets::ColourRange full{0, high};
    if (!m_legend->isAutomatic())
        return;
    m_view->setScale({full, widgets::ScaleKind::Linear});
    m_legend->setScale({full, widgets::ScaleKind::Linear}, full);
}

void TokensPanel::updateTables() {
    m_tokens->setTokens(run(), m_range);
    m_alternatives->setRows(m_card->facts().alternativesTable);
    m_experts->setRows(m_card->facts().expertsTable);
}

InspectorPanel* TokensPanel::makeAnother(InspectorContext context) const {
    auto* other = new TokensPanel(std::move(context));
    other->m_scope->setCurrentIndex(m_scope->currentIndex());
    other->m_tint->setCurrentIndex(m_tint->currentIndex());
    return other;
}

void TokensPanel::resizeEvent(QResizeEvent* event) {
    const bool wide = event->size().width() > kWideAspect * event->size().height();
    const auto orientation = wide ? Qt::Horizontal : Qt::Vertical;
    if (orientation != m_splitter->orientation() || event->oldSize().isEmpty()) {
        const int length = wide ? event->size().width() : event->size().height();
        const int strip = static_cast<int>(length * kStripShare);
        m_splitter->setOrientation(orientation);
        m_splitter->setSizes({strip, length - strip});
    }
    InspectorPanel::resizeEvent(event);
}

QSize TokensPanel::pictureSize() const {
    return {std::max(m_view->width(), 480), std::max(m_view->height(), 240) + m_legend->sizeHint().height()};
}

void TokensPanel::paintPicture(QPainter& painter, QSize size) const {
    const int legendHeight = m_legend->sizeHint().height();
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    m_view->paintTo(painter, {size.width(), size.height() - legendHeight});
    m_legend->paintTo(painter, QRect(8, size.height() - legendHeight, size.width() - 16, legendHeight));
}

} // namespace bathy::panels
