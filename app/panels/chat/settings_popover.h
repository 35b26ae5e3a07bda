// How the conversation is answered: sampling, thinking, system text. Changes take effect with the next message.
// UI thread.
#pragma once

#include "app/models/chat_settings.h"

#include <QFrame>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace bathy::panels {

class SettingsPopover : public QFrame {
    Q_OBJECT
public:
    explicit SettingsPopover(QWidget* parent = nullptr);

    void setSettings(const models::ChatSettings& settings);
    // What "Back to defaults" brings back, but for the system text.
    void setDefaults(const models::ChatSettings& settings) { m_defaults = settings; }
    models::ChatSettings settings() const;
    // What the loaded model can do; `missing` says why others cannot be chosen.
    void setEfforts(const QStringList& efforts, const QString& missing);
    void openAt(const QWidget* button); // above it

Q_SIGNALS:
    void changed(); // by the user

private:
    void notify();
    void reset();

    QDoubleSpinBox* m_temperature;
    QDoubleSpinBox* m_topP;
    QDoubleSpinBox* m_minP;
    QSpinBox* m_topK;
    QDoubleSpinBox* m_repetition;
    QLineEdit* m_seed;
    QSpinBox* m_maxTokens;
    QCheckBox* m_thinking;
    QComboBox* m_effort;
    QLabel* m_effortNote;
    QPlainTextEdit* m_system;
    models::ChatSettings m_base; // what has no field here
    models::ChatSettings m_defaults;
    bool m_filling = false;
};

} // namespace bathy::panels
