// What a frame of the whole window costs while 200 tokens a second stream into a conversation of 100,000 tokens: the
// real workbench in its Inspect workspace with chat, routing, memory and tokens on screen, the real store, events from
// a process of its own through the wire. Once with records in the shape of DeepSeek-V4-Flash, once in that of a small
// checkpoint. Exit status 1 when the 99th percentile, by the clock on the wall, is over 16.7 ms.
#include "app/workbench/workbench.h"
#include "tests/bench/frame_meter.h"
#include "tests/support/sample_text.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <cstdio>

namespace {

using namespace bathy;

constexpr int kTokens = 100'000;
constexpr int kTokensOfTurn = 2100;
constexpr int kRate = 200; // tokens a second
constexpr int kWarmUpMs = 2000;
constexpr int kMeasureMs = 20'000;
constexpr int kPatienceMs = 180'000;
constexpr QSize kWindow(1600, 1000);

storage::ConversationId writeConversation(const QString& folder) {
    auto store = storage::Storage::open(folder);
    if (!store)
        qFatal("%s", store.error().what().c_str());
    storage::ConversationRow row;
    row.id = storage::ConversationId(storage::freshId());
    row.title = QStringLiteral("A long one");
    (*store)->write([row](storage::ChatStore& s) { return s.saveConversation(row); });
    storage::MessageId parent{};
    const auto add = [&](storage::Role role, const std::string& content) {
        storage::Message message;
        message.id = storage::MessageId(storage::freshId());
        message.conversation = row.id;
        message.parent = parent;
        message.role = role;
        message.content = QString::fromStdString(content);
        parent = message.id;
        (*store)->write([message](storage::ChatStore& s) { return s.addMessage(message); });
    };
    for (int tokens = 0, seed = 0; tokens < kTokens; tokens += kTokensOfTurn, ++seed) {
        add(storage::Role::User, testing::sampleWords(60, seed));
        std::string answer;
        for (int part = 0; part < 9; ++part)
            answer += testing::sampleSection(seed * 9 + part);
        add(storage::Role::Assistant, answer);
    }
    return row.id;
}

bool waitFor(const std::function<bool()>& done) {
    QElapsedTimer time;
    time.start();
    while (!done() && time.elapsed() < kPatienceMs)
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    return done();
}

void runFor(int ms) {
    QElapsedTimer time;
    time.start();
    while (time.elapsed() < ms)
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
}

bool measure(bench::MeteredApplication& app, const char* shape) {
    using Activity = models::ChatPresenter::Activity;
    const QTemporaryDir folder;
    const auto conversation = writeConversation(folder.path());
    workbench::WorkbenchOptions options;
    options.settingsFile = folder.filePath(QStringLiteral("settings.ini"));
    options.dataFolder = folder.path();
    options.engineProgram = QStringLiteral(BATHY_BINARY_DIR "/tests/fake_host");
    options.engineArguments = {QStringLiteral("--shape"),  QString::fromLatin1(shape), QStringLiteral("--prompt"),
                               QString::number(kTokens),   QStringLiteral("--rate"),   QString::number(kRate),
                               QStringLiteral("--tokens"), QString::number(kTokens)};
    options.model = QStringLiteral("any");
    auto created = workbench::Workbench::create(options);
    if (!created)
        qFatal("%s", created.error().what().c_str());
    auto& window = **created;
    window.start();
    window.window().resize(kWindow);
    window.window().workspaces().switchTo(shell::Workspace::Inspect);
    auto& chat = window.chat();
    chat.openConversation(conversation);
    if (!waitFor([&] { return chat.conversation().id() == conversation && chat.whyNotReady().isEmpty(); }))
        return false;
    QElapsedTimer time;
    time.start();
    app.begin();
    chat.send(QStringLiteral("Go on."));
    if (!waitFor([&] { return chat.activity() == Activity::Decode; }))
        return false;
    std::printf("%s: %d tokens of prompt taken in %.1f s\n", shape, kTokens,
                static_cast<double>(time.elapsed()) / 1000);
    bench::printTimes("  frame, meanwhile", app.framesMs());
    runFor(kWarmUpMs);
    const auto before = window.runs().stats().tokens;
    app.begin();
    time.start();
    runFor(kMeasureMs);
    app.end();
    std::printf("%s: %.0f tokens a second into %lld\n", shape,
                static_cast<double>(window.runs().stats().tokens - before) * 1000 / static_cast<double>(time.elapsed()),
                static_cast<long long>(window.runs().tokenCount(window.runs().current())));
    bench::printTimes("  frame", app.framesMs());
    app.printParts();
    const bool isInspected = window.runs().tokenCount(window.runs().current()) > kTokens;
    if (!isInspected)
        std::printf("the inspection panels do not show the answer\n");
    chat.stop();
    return waitFor([&] { return chat.activity() == Activity::Idle; }) && isInspected &&
           bench::percentile(app.framesMs(), 0.99) <= bench::kFrameLimitMs;
}

} // namespace

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    bench::MeteredApplication app(argc, argv);
    Q_INIT_RESOURCE(shell);
    bool good = true;
    for (const auto* shape : {"flash", "nano"})
        good = measure(app, shape) && good;
    std::printf("limit of a frame: p99 %.1f ms: %s\n", bench::kFrameLimitMs, good ? "held" : "BROKEN");
    return good ? 0 : 1;
}
