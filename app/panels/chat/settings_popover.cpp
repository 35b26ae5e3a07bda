#include "app/panels/chat/settings_popover.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QScopedValueRollback>
#include <QScreen>
#include <QSpinBox>

#include <algorithm>

namespace bathy::panels {
namespace {

QDoubleSpinBox* fraction(double least, double most, double step, const QString& tip, const QString& special = {}) {
    auto* box = new QDoubleSpinBox;
    box->setRange(least, most);
    box->setSingleStep(step);
    box->setDecimals(2);
    box->setToolTip(tip);
    box->setSpecialValueText(special);
    return box;
}

QSpinBox* whole(int most, const QString& tip, const QString& special) {
    auto* box = new QSpinBox;
    box->setRange(0, most);
    box->setToolTip(tip);
    box->setSpecialValueText(special);
    return box;
}

} // namespace

SettingsPopover::SettingsPopover(QWidget* parent)
    : QFrame(parent, Qt::Popup),
      m_temperature(fraction(0, 5, 0.1, tr("Higher is more varied. 0 always takes the likeliest token."))),
      m_topP(fraction(0, 1, 0.05, tr("Only the likeliest tokens that together reach this probability. 1: off."))),
      m_minP(
          fraction(0, 1, 0.01, tr("Only tokens at least this likely, relative to the likeliest. 0: off."), tr("off"))),
      m_topK(whole(100000, tr("Only this many of the likeliest tokens."), tr("off"))),
      m_repetition(fraction(1, 3, 0.05, tr("Above 1, tokens that came before become less likely."), tr("off"))),
      m_seed(new QLineEdit),
      m_maxTokens(whole(10000000, tr("The answer ends after this many tokens."), tr("no limit"))),
      m_thinking(new QCheckBox(tr("Think before answering"))), m_effort(new QComboBox), m_effortNote(new QLabel),
      m_system(new QPlainTextEdit) {
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Sampling and thinking"));
    m_seed->setPlaceholderText(tr("drawn each time"));
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{0,19}")), m_seed));
    m_seed->setToolTip(tr("The same seed and settings give the same answer."));
    m_effortNote->setWordWrap(true);
    m_effortNote->setForegroundRole(QPalette::PlaceholderText);
    m_system->setPlaceholderText(tr("Instructions for the whole conversation"));
    m_system->setFixedHeight(m_system->fontMetrics().lineSpacing() * 4);
    m_system->setTabChangesFocus(true);
    auto* form = new QFormLayout(this);
    form->setContentsMargins(16, 16, 16, 16);
    form->setSpacing(8);
    form->addRow(tr("&Temperature"), m_temperature);
    form->addRow(tr("Top &p"), m_topP);
    form->addRow(tr("Top &k"), m_topK);
    form->addRow(tr("&Min p"), m_minP);
    form->addRow(tr("&Repetition penalty"), m_repetition);
    form->addRow(tr("See&d"), m_seed);
    form->addRow(tr("&Longest answer"), m_maxTokens);
    form->addRow(m_thinking);
    form->addRow(tr("&Effort"), m_effort);
    form->addRow(m_effortNote);
    form->addRow(tr("&System text"), m_system);
    auto* resetButton = new QPushButton(tr("Back to the model's defaults"));
    form->addRow(resetButton);
    connect(resetButton, &QPushButton::clicked, this, &SettingsPopover::reset);
    for (auto* box : {m_temperature, m_topP, m_minP, m_repetition})
        connect(box, &QDoubleSpinBox::valueChanged, this, &SettingsPopover::notify);
    for (auto* box : {m_topK, m_maxTokens})
        connect(box, &QSpinBox::valueChanged, this, &SettingsPopover::notify);
    connect(m_seed, &QLineEdit::textChanged, this, &SettingsPopover::notify);
    connect(m_thinking, &QCheckBox::toggled, this, &SettingsPopover::notify);
    connect(m_effort, &QComboBox::currentIndexChanged, this, &SettingsPopover::notify);
    connect(m_system, &QPlainTextEdit::textChanged, this, &SettingsPopover::notify);
    setEfforts({}, {});
}

void SettingsPopover::notify() {
    m_effort->setEnabled(m_thinking->isChecked() && m_effort->count() > 1);
    if (!m_filling)
        Q_EMIT changed();
}

void SettingsPopover::reset() {
    auto settings = m_defaults;
    settings.systemText = m_system->toPlainText();
    setSettings(settings);
    Q_EMIT changed();
}

void SettingsPopover::setSettings(const models::ChatSettings& settings) {
    const QScopedValueRollback filling(m_filling, true);
    m_base = settings;
    const auto& s = settings.sampling;
    m_temperature->setValue(static_cast<double>(s.temperature));
    m_topP->setValue(static_cast<double>(s.topP));
    m_minP->setValue(static_cast<double>(s.minP));
    m_topK->setValue(s.topK);
    m_repetition->setValue(static_cast<double>(s.repetitionPenalty));
    m_seed->setText(s.seed == 0 ? QString() : QString::number(s.seed));
    m_maxTokens->setValue(static_cast<int>(s.maxTokens));
    m_thinking->setChecked(settings.thinking == api::ThinkingMode::Thinking);
    m_effort->setCurrentIndex(std::max(0, m_effort->findData(settings.effort)));
    if (m_system->toPlainText() != settings.systemText)
        m_system->setPlainText(settings.systemText);
    notify();
}

models::ChatSettings SettingsPopover::settings() const {
    auto settings = m_base;
    auto& s = settings.sampling;
    s.temperature = static_cast<float>(m_temperature->value());
    s.topP = static_cast<float>(m_topP->value());
    s.minP = static_cast<float>(m_minP->value());
    s.topK = m_topK->value();
    s.repetitionPenalty = static_cast<float>(m_repetition->value());
    s.seed = m_seed->text().toULongLong();
    s.maxTokens = m_maxTokens->value();
    settings.thinking = m_thinking->isChecked() ? api::ThinkingMode::Thinking : api::ThinkingMode::Chat;
    settings.effort = m_effort->currentData().toString();
    settings.systemText = m_system->toPlainText();
    return settings;
}

void SettingsPopover::setEfforts(const QStringList& efforts, const QString& missing) {
    const QScopedValueRollback filling(m_filling, true);
    m_effort->clear();
    m_effort->addItem(tr("the model's own"), QString());
    for (const auto& effort : efforts)
        m_effort->addItem(effort, effort);
    m_effort->setCurrentIndex(std::max(0, m_effort->findData(m_base.effort)));
    m_effortNote->setText(missing);
    m_effortNote->setVisible(!missing.isEmpty());
    notify();
}

void SettingsPopover::openAt(const QWidget* button) {
    adjustSize();
    const auto corner = button->mapToGlobal(QPoint(button->width() - width(), -height() - 4));
    const auto area = button->screen()->availableGeometry();
    move(std::clamp(corner.x(), area.left(), std::max(area.left(), area.right() - width())),
         std::clamp(corner.y(), area.top(), std::max(area.top(), area.bottom() - height())));
    show();
    m_temperature->setFocus();
}

} // namespace bathy::panels
