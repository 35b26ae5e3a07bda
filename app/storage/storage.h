// The store for the window: opens it, owns its thread, takes work by value and brings answers back. UI thread.
#pragma once

#include "app/storage/chat_store.h"
#include "app/threads/task_thread.h"
#include "app/threads/ui_queue.h"
#include "engine/base/result.h"

#include <QLockFile>
#include <QObject>
#include <QPointer>

#include <functional>
#include <memory>
#include <optional>

namespace bathy::storage {

class Storage : public QObject {
    Q_OBJECT
public:
    // What happened while opening, for a message to the user.
    struct Opening {
        QString setAside;         // where a database that could not be read was moved; empty: none
        std::optional<Error> why; // it could not be read
        int recoveredAnswers = 0; // that were streaming when the program last ended
    };

    // `folder` is made when absent. A file that is damaged or not ours is moved aside and an empty one takes its place.
    // Waits until the store is open. Errors: Busy when another running program has it open, Unsupported when a newer
    // version wrote it, Io.
    static Result<std::unique_ptr<Storage>> open(const QString& folder);
    ~Storage() override; // everything that was given to it is written first

    const Opening& opening() const { return m_opening; }

    // Runs on the storage thread, in the order of the calls. Errors are reported by failed().
    void write(std::function<Result<void>(ChatStore&)> work);

    // Runs `work` on the storage thread and `done` on this one, unless `context` is gone by then.
    template <class T>
    void read(QObject* context, std::function<Result<T>(ChatStore&)> work, std::function<void(T)> done) {
        perform([this, context = QPointer<QObject>(context), work = std::move(work),
                 done = std::move(done)](ChatStore& store) {
            auto result = std::make_shared<Result<T>>(work(store));
            m_answers.post([this, context, done, result] {
                if (!*result)
                    report(result->error());
                else if (context)
                    done(*std::move(*result));
            });
        });
    }

    // Waits until all work given so far is done. For leaving the program and for tests.
    void flush();

Q_SIGNALS:
    void failed(const QString& what); // a write or read that did not succeed; nothing that was saved before is lost

private:
    class Connection;
    explicit Storage(std::unique_ptr<QLockFile> lock);
    void perform(std::function<void(ChatStore&)> work);
    void report(const Error& error);

    std::unique_ptr<QLockFile> m_lock;
    Opening m_opening;
    threads::UiQueue m_answers;
    std::unique_ptr<Connection> m_connection; // made, used and closed on m_thread
    threads::TaskThread m_thread;             // last: ends before what it works on
};

} // namespace bathy::storage
