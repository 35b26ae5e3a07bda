#include "app/panels/chat/empty_page.h"

#include "app/models/model_card_text.h"
#include "app/models/model_presenter.h"

#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace bathy::panels {
namespace {

constexpr int kTipLength = 400; // of a long prompt's beginning

QLabel* centred(QPalette::ColorRole role) {
    auto* label = new QLabel;
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setForegroundRole(role);
    return label;
}

} // namespace

EmptyPage::EmptyPage(models::ModelPresenter& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_title(centred(QPalette::WindowText)), m_text(centred(QPalette::WindowText)),
      m_facts(centred(QPalette::PlaceholderText)), m_problem(centred(QPalette::PlaceholderText)),
      m_prompts(new QWidget), m_sample(new QPushButton(tr("Open the sample document"))),
      m_open(new QPushButton(tr("Open a model…"))) {
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    auto big = font();
    big.setPointSizeF(big.pointSizeF() * 1.6);
    big.setBold(true);
    m_title->setFont(big);
    m_grid = new QGridLayout(m_prompts);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(8);
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(1, 1);
    m_sample->setFlat(true);
    m_sample->setToolTip(tr("A book of small stories made by this project, with a few facts hidden in it"));
    connect(m_sample, &QPushButton::clicked, this, &EmptyPage::sampleAsked);
    connect(m_open, &QPushButton::clicked, this, &EmptyPage::openModelAsked);
    auto* column = new QWidget;
    column->setMaximumWidth(640);
    auto* layout = new QVBoxLayout(column);
    layout->setSpacing(16);
    layout->addStretch(2);
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addWidget(m_facts);
    layout->addWidget(m_open, 0, Qt::AlignCenter);
    layout->addSpacing(8);
    layout->addWidget(m_prompts);
    layout->addWidget(m_problem);
    layout->addWidget(m_sample, 0, Qt::AlignCenter);
    layout->addStretch(3);
    auto* outer = new QHBoxLayout(this);
    outer->setContentsMargins(24, 24, 24, 24);
    outer->addStretch();
    outer->addWidget(column, 10);
    outer->addStretch();
    connect(&model, &models::ModelPresenter::stateChanged, this, &EmptyPage::showModel);
    showModel();
}

void EmptyPage::showPrompts() {
    m_problem->hide();
    if (!m_model.card())
        return fillPrompts({});
    const auto suggested = models::readSuggestedPrompts(QString::fromStdString(m_model.card()->path));
    if (suggested)
        return fillPrompts(*suggested);
    fillPrompts(models::generalPrompts());
    if (suggested.error().code() == ErrorCode::NotFound)
        return;
    m_problem->setText(
        tr("What this checkpoint suggests is not shown: %1").arg(QString::fromStdString(suggested.error().what())));
    m_problem->show();
}

void EmptyPage::fillPrompts(const QVector<models::SuggestedPrompt>& prompts) {
    while (auto* item = m_grid->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (int i = 0; i < prompts.size(); ++i) {
        const auto& prompt = prompts.at(i);
        auto title = prompt.title;
        auto* button = new QPushButton(title.replace(QLatin1Char('&'), QStringLiteral("&&")));
        button->setMinimumHeight(40);
        button->setToolTip(QStringLiteral("<qt>%1</qt>").arg(prompt.text.left(kTipLength).toHtmlEscaped()));
        connect(button, &QPushButton::clicked, this, [this, prompt] { Q_EMIT promptChosen(prompt); });
        m_grid->addWidget(button, i / 2, i % 2);
    }
}

void EmptyPage::showModel() {
    using State = models::ModelPresenter::State;
    const auto& card = m_model.card();
    const bool canChat = card && !card->chatFormat.empty();
    m_prompts->setVisible(canChat);
    m_sample->setVisible(canChat);
    showPrompts();
    m_open->setVisible(m_model.state() == State::Empty || m_model.state() == State::Failed);
    m_facts->setVisible(card.has_value());
    if (!card) {
        const bool loading = m_model.state() == State::Loading || m_model.state() == State::Stopping;
        m_title->setText(loading ? tr("Loading %1…").arg(m_model.displayName()) : tr("No model is loaded"));
        m_text->setText(loading ? QString() : tr("Open a DeepSeek-V4 checkpoint, then ask it something."));
        return;
    }
    m_title->setText(QString::fromStdString(card->name));
    m_text->setText(
        card->description.empty()
            ? tr("A %1 checkpoint on this machine. Nothing you write leaves it.").arg(models::familyText(*card))
            : QString::fromStdString(card->description));
    m_facts->setText(tr("%1 parameters, %2 for each token · %3 layers · context of %4 tokens")
                         .arg(models::countText(card->parametersTotal), models::countText(card->parametersActive))
                         .arg(card->layers.size())
                         .arg(QLocale().toString(static_cast<qlonglong>(card->contextLength))));
}

} // namespace bathy::panels
