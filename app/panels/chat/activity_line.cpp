#include "app/panels/chat/activity_line.h"

#include "app/models/chat_presenter.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>

#include <algorithm>

namespace bathy::panels {
namespace {

constexpr int kSteps = 1000;
constexpr int kRateMs = 250; // a rate that changes faster cannot be read
using Activity = models::ChatPresenter::Activity;

QProgressBar* thinBar(int width) {
    auto* bar = new QProgressBar;
    bar->setRange(0, kSteps);
    bar->setTextVisible(false);
    bar->setFixedSize(width, 8);
    return bar;
}

} // namespace

ActivityLine::ActivityLine(models::ChatPresenter& chat, QWidget* parent)
    : QWidget(parent), m_chat(chat), m_text(new QLabel), m_prefill(thinBar(120)), m_contextText(new QLabel),
      m_context(thinBar(80)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_prefill);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_contextText);
    layout->addWidget(m_context);
    // What is being done must not decide how wide the conversation is: all of it would be laid out anew.
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_prefill->setAccessibleName(tr("Reading the prompt"));
    m_context->setAccessibleName(tr("Context in use"));
    auto size = font();
    size.setPointSizeF(size.pointSizeF() * 0.9);
    setFont(size);
    connect(&chat, &models::ChatPresenter::activityChanged, this, &ActivityLine::showActivity);
    connect(&chat, &models::ChatPresenter::prefillChanged, this, &ActivityLine::showPrefill);
    connect(&chat, &models::ChatPresenter::contextUseChanged, this, &ActivityLine::showContext);
    showActivity();
    showContext();
}

QString ActivityLine::text() const {
    return m_text->text();
}

void ActivityLine::showActivity() {
    const auto activity = m_chat.activity();
    if (activity != Activity::Decode && m_rateTimer != 0) {
        killTimer(m_rateTimer);
        m_rateTimer = 0;
    }
    m_prefill->setVisible(activity == Activity::Prefill);
    switch (activity) {
    case Activity::Idle:
        return m_text->clear();
    case Activity::Waiting:
        return m_text->setText(tr("Waiting for the engine…"));
    case Activity::Reopening:
        return m_text->setText(tr("Reopening what the model has read…"));
    case Activity::Prefill:
        return showPrefill();
    case Activity::Decode:
        m_text->setText(tr("Writing…"));
        if (m_rateTimer == 0)
            m_rateTimer = startTimer(kRateMs);
        return;
    case Activity::Stopping:
        return m_text->setText(tr("Stopping…"));
    }
}

void ActivityLine::showPrefill() {
    if (m_chat.activity() != Activity::Prefill)
        return;
    const auto& prefill = m_chat.prefill();
    const QLocale locale;
    const double part = prefill.totalTokens > 0
                            ? static_cast<double>(prefill.doneTokens) / static_cast<double>(prefill.totalTokens)
                            : 0;
    m_prefill->setValue(static_cast<int>(part * kSteps));
    auto text = tr("Reading the prompt: %1 % of %2 tokens")
                    .arg(static_cast<int>(part * 100))
                    .arg(locale.toString(prefill.totalTokens));
    if (prefill.tokensPerSecond > 0)
        text += tr(" · %1 tokens/s · %2 s left")
                    .arg(locale.toString(prefill.tokensPerSecond, 'f', 0),
                         locale.toString(prefill.secondsLeft, 'f', prefill.secondsLeft < 10 ? 1 : 0));
    m_text->setText(text);
}

void ActivityLine::timerEvent(QTimerEvent*) {
    if (const double rate = m_chat.tokensPerSecond(); rate > 0)
        m_text->setText(tr("Writing · %1 tokens/s").arg(QLocale().toString(rate, 'f', 1)));
}

void ActivityLine::showContext() {
    const auto use = m_chat.contextUse();
    m_context->setVisible(use.limit > 0);
    if (use.limit == 0)
        return m_contextText->clear();
    const QLocale locale;
    m_context->setValue(
        static_cast<int>(std::min(1.0, static_cast<double>(use.used) / static_cast<double>(use.limit)) * kSteps));
    m_contextText->setText(tr("%1 of %2 tokens").arg(locale.toString(use.used), locale.toString(use.limit)));
    m_context->setToolTip(tr("How much of the model's context this conversation fills"));
}

} // namespace bathy::panels
