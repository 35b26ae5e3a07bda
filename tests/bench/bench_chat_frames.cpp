// What a frame costs the main thread while 200 tokens a second stream into a conversation of 100,000 tokens. A frame is
// everything that a tick of the event pump causes, from the events to the painted picture, by the clock on the wall.
// Exit status 1 when the 99th percentile is over 16.7 ms.
#include "app/panels/chat/transcript_view.h"
#include "tests/bench/frame_meter.h"
#include "tests/support/sample_text.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QScrollBar>

#include <cstdio>
#include <vector>

namespace {

using namespace bathy;

constexpr int kTokens = 100000;
constexpr double kTokensPerFrame = 200.0 / 60.0;
constexpr int kFrames = 1800; // half a minute

struct Case {
    const char* name;
    bool atEnd;
};

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
        add(models::Role::User, QString::fromStdString(testing::sampleWords(60, seed)), models::MessageState::Done);
        std::string text;
        for (int part = 0; part < 9; ++part)
            text += testing::sampleSection(seed * 9 + part);
        add(models::Role::Assistant, QString::fromStdString(text), models::MessageState::Done);
    }
    add(models::Role::User, QString::fromStdString(testing::sampleWords(30, 1)), models::MessageState::Done);
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
        source += QString::fromStdString(testing::sampleSection(seed));
    std::vector<double> times;
    double due = 0;
    qsizetype at = 0;
    for (int frame = 0; frame < kFrames; ++frame) {
        time.start();
        for (due += kTokensPerFrame; due >= 1; due -= 1) { // each token is an event of its own
            conversation.find(answer)->content += source.mid(at, 5);
            at += 5;
            view.messageGrew(answer);
        }
        view.synchronise();
        view.viewport()->repaint();
        QApplication::processEvents();
        times.push_back(static_cast<double>(time.nsecsElapsed()) / 1e6);
    }
    std::printf("%-20s opened in %.1f ms; rows laid out: %d of %lld\n", run.name, opening, view.laidOutRows(),
                static_cast<long long>(view.document().items().size()));
    bench::printTimes("  frame", times);
    return bench::percentile(times, 0.99) <= bench::kFrameLimitMs;
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
