// The desktop's parts behind the panels, wired as in the program, in a temporary folder.
#pragma once

#include "app/bridge/engine_link.h"
#include "app/bridge/engine_process.h"
#include "app/bridge/event_pump.h"
#include "app/models/chat_presenter.h"
#include "app/models/conversation_list_model.h"
#include "app/models/model_presenter.h"
#include "app/models/snapshot_presenter.h"
#include "app/storage/storage.h"

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <memory>

namespace bathy::tests {

inline QString fakeHost() {
    return QStringLiteral(BATHY_BINARY_DIR "/tests/fake_host");
}

// Runs the event loop until `done` or the time is over; returns what `done` says then.
inline bool waitFor(const std::function<bool()>& done, int timeoutMs = 8000) {
    return QTest::qWaitFor([&] { return done(); }, timeoutMs);
}

struct ChatStack {
    ChatStack(const QString& folder, const QString& program, const QStringList& arguments)
        : settings(folder + QStringLiteral("/settings.ini"), QSettings::IniFormat), process(program, arguments),
          link(process), pump(link), storage(std::move(*storage::Storage::open(folder))), model(link, pump, settings),
          snapshots({link, pump, *storage, settings}, folder + QStringLiteral("/snapshots")),
          chat({link, pump, *storage, model, snapshots}), list(*storage) {
        QObject::connect(&chat, &models::ChatPresenter::listChanged, &list, &models::ConversationListModel::refresh);
    }

    bool load(const QString& path = QStringLiteral("any"), int timeoutMs = 8000) {
        model.open(path);
        return waitFor([this] { return model.state() == models::ModelPresenter::State::Loaded; }, timeoutMs);
    }
    bool waitIdle(int timeoutMs = 8000) {
        return waitFor([this] { return chat.activity() == models::ChatPresenter::Activity::Idle; }, timeoutMs);
    }
    const models::Message& last() const { return *chat.conversation().find(chat.conversation().lastOfPath()); }

    QSettings settings;
    bridge::EngineProcess process;
    bridge::EngineLink link;
    bridge::EventPump pump;
    std::unique_ptr<storage::Storage> storage;
    models::ModelPresenter model;
    models::SnapshotPresenter snapshots;
    models::ChatPresenter chat;
    models::ConversationListModel list;
};

// Stacks over the scripted engine, each with a store of its own.
class ScriptedStacks {
public:
    // `arguments` of the scripted engine, as on a command line.
    std::unique_ptr<ChatStack> make(const QString& arguments = {}) {
        return std::make_unique<ChatStack>(path(QString::number(++m_made)), fakeHost(),
                                           arguments.split(QLatin1Char(' '), Qt::SkipEmptyParts));
    }
    QString path(const QString& name) const { return m_folder.filePath(name); }

private:
    QTemporaryDir m_folder;
    int m_made = 0;
};

// Sends, and waits until the answer is there.
inline bool ask(ChatStack& stack, const QString& text) {
    stack.chat.send(text);
    return stack.waitIdle();
}

// " w0 w1 …", as the scripted host writes it.
inline QString scriptedText(int from, int to) {
    QString text;
    for (int i = from; i < to; ++i)
        text += QStringLiteral(" w%1").arg(i);
    return text;
}

} // namespace bathy::tests
