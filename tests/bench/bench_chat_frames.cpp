// What a frame costs the main thread while 200 tokens a second stream into a conversation of 100,000 tokens. A frame is
// everything that a tick of the event pump causes, from the events to the painted picture. Prints the processor time
// that frames took on this thread and their time on the clock, which other programs on the machine lengthen. Exit status
// 1 when the 99th percentile of the processor time is over 16.7 ms.
#include "app/panels/chat/transcript_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QScrollBar>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

namespace {

using namespace bathy;

constexpr int kTokens = 100000;
constexpr double kTokensPerFrame = 200.0 / 60.0;
constexpr int kFrames = 1800; // half a minute
constexpr double kBudgetMs = 16.7;

// A token is a word and a space, about five characters, as tokenizers cut English.
QString words(int count, int seed) {
    static const QStringList kWords{QStringLiteral("the "),    QStringLiteral("model "),    QStringLiteral("reads "),
                                    QStringLiteral("a "),      QStringLiteral("**bold** "), QStringLiteral("`code` "),
                                    QStringLiteral("window "), QStringLiteral("of "),       QStringLiteral("tokens, "),
                                    QStringLiteral("then ")};
    QString text;
    for (int i = 0; i < count; ++i)
        text += kWords.at((i * 7 + seed) % kWords.size());
    return text;
}

QString section(int seed) {
    return QStringLiteral("\n\n## Part %1\n\n").arg(seed) + words(120, seed) + QStringLiteral("\n\n- ") +
           words(20, seed) + QStringLiteral("\n- ") + words(20, seed + 1) + QStringLiteral("\n\n```cpp\n") +
           (words(10, seed) + QLatin1Char('\n')).repeated(6) + QStringLiteral("```\n\n| a | b |\n|---|---|\n| ") +
           words(5, seed) + QStringLiteral("| 2 |\n\n");
}

struct Case {
    const char* name;
    bool atEnd;
};

double percentile(std::vector<double>& times, double part) {
    const auto at = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(at), times.end());
    return times[at];
}

double threadMs() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

bool measure(const Case& run) {
    auto conversation = models::Conversation::fresh({});
    models::MessageId parent{};
    const auto add = [&](models::Role role, const QString& content, models::MessageState state) {
        models::Message message;
        message.id = models::MessageId(storage::freshId());
        message.parent = parent;
        message.role = role;
        message.content = content;
        message.state = state;
        parent = message.id;
        conversation.add(std::move(message));
        return parent;
    };
    constexpr int kTokensOfPair = 2100;
    for (int tokens = 0, seed = 0; tokens < kTokens; tokens += kTokensOfPair, ++seed) {
        add(models::Role::User, words(60, seed), models::MessageState::Done);
        QString answer;
        for (int part = 0; part < 9; ++part)
            answer += section(seed * 9 + part);
        add(models::Role::Assistant, answer, models::MessageState::Done);
    }
    add(models::Role::User, words(30, 1), models::MessageState::Done);
    const auto answer = add(models::Role::Assistant, {}, models::MessageState::Streaming);

    panels::TranscriptView view;
    view.resize(900, 1000);
    view.show();
    QElapsedTimer time;
    time.start();
    view.setConversation(conversation);
    view.grab();
    const double opening = static_cast<double>(time.nsecsElapsed()) / 1e6;
    if (!run.atEnd)
        view.verticalScrollBar()->setValue(view.verticalScrollBar()->maximum() / 2);

    QString source;
    for (int seed = 0; source.size() < kFrames * 25; ++seed)
        source += section(seed);
    std::vector<double> times, clock;
    double due = 0;
    qsizetype at = 0;
    for (int frame = 0; frame < kFrames; ++frame) {
        time.start();
        const double began = threadMs();
        for (due += kTokensPerFrame; due >= 1; due -= 1) { // each token is an event of its own
            conversation.find(answer)->content += source.mid(at, 5);
            at += 5;
            view.messageGrew(answer);
        }
        view.synchronise();
        view.viewport()->repaint();
        QApplication::processEvents();
        times.push_back(threadMs() - began);
        clock.push_back(static_cast<double>(time.nsecsElapsed()) / 1e6);
    }
    const double median = percentile(times, 0.5), high = percentile(times, 0.99),
                 longest = *std::max_element(times.begin(), times.end());
    std::printf("%-20s open %6.1f ms | frame p50 %5.2f p99 %5.2f max %6.2f ms | on the clock p50 %5.2f p99 %6.2f ms | "
                "rows laid out %d of %lld\n",
                run.name, opening, median, high, longest, percentile(clock, 0.5), percentile(clock, 0.99),
                view.laidOutRows(), static_cast<long long>(view.document().items().size()));
    return high <= kBudgetMs;
}

} // namespace

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    bool good = true;
    for (const auto& run : {Case{"following the end", true}, Case{"reading further up", false}})
        good = measure(run) && good;
    return good ? 0 : 1;
}
