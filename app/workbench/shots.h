// Takes pictures of the running workbench: opens the model, asks one question, then saves every workspace and every
// panel. The README's pictures are made by this. UI thread.
#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <vector>

namespace bathy::workbench {

class Workbench;

class Shots : public QObject {
    Q_OBJECT
public:
    // Pictures are named <what>-<theme>.png. `workbench` outlives this.
    Shots(Workbench& workbench, QString folder, QString theme, QString prompt);

    void start();

Q_SIGNALS:
    void finished(bool good); // false: the model or the answer did not come

private:
    void whenLoaded();
    void whenAnswered();
    void takeAll();
    void next();
    void save(const QString& what, class QWidget& widget);

    Workbench& m_workbench;
    QString m_folder;
    QString m_theme;
    QString m_prompt;
    bool m_asked = false;
    bool m_good = true;
    std::vector<std::function<void()>> m_steps; // run one by one, with time to paint between
    std::size_t m_step = 0;
};

} // namespace bathy::workbench
