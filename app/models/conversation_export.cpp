#include "app/models/conversation_export.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

namespace bathy::models {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::models::ConversationExport)
};

constexpr std::array kRoleNames{"system", "user", "assistant"};
constexpr std::array kStateNames{"done", "streaming", "stopped", "interrupted", "failed"};
constexpr int kMaxNameLength = 80;

QString timeText(qint64 ms) {
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(Qt::ISODateWithMs);
}

// A quotation, so that headings inside the reasoning do not look like the conversation's own.
QString quoted(const QString& text) {
    QString out;
    for (const auto& line : text.split(QLatin1Char('\n')))
        out += QStringLiteral("> ") + line + QLatin1Char('\n');
    return out;
}

QString markdownHead(const Message& message) {
    switch (message.role) {
    case Role::User:
        return Words::tr("You");
    case Role::System:
        return Words::tr("System");
    case Role::Assistant:
        break;
    }
    return message.facts.modelName.isEmpty() ? Words::tr("Model") : message.facts.modelName;
}

QJsonObject factsObject(const storage::AnswerFacts& facts) {
    return {{QLatin1String("model"), facts.modelName},
            {QLatin1String("fingerprint"), facts.modelFingerprint},
            {QLatin1String("settings"), QJsonDocument::fromJson(facts.settings.toUtf8()).object()},
            {QLatin1String("seed"), QString::number(facts.seed)},
            {QLatin1String("finish"), facts.finish},
            {QLatin1String("prompt_tokens"), facts.promptTokens},
            {QLatin1String("reused_tokens"), facts.reusedTokens},
            {QLatin1String("generated_tokens"), facts.generatedTokens},
            {QLatin1String("prefill_seconds"), facts.prefillSeconds},
            {QLatin1String("decode_seconds"), facts.decodeSeconds},
            {QLatin1String("first_token_seconds"), facts.firstTokenSeconds}};
}

QJsonObject messageObject(const Message& message) {
    QJsonObject object{{QLatin1String("id"), QString::number(static_cast<qint64>(message.id))},
                       {QLatin1String("role"), QLatin1String(kRoleNames.at(static_cast<std::size_t>(message.role)))},
                       {QLatin1String("created"), timeText(message.createdMs)},
                       {QLatin1String("state"), QLatin1String(kStateNames.at(static_cast<std::size_t>(message.state)))},
                       {QLatin1String("shown"), message.active},
                       {QLatin1String("content"), message.content}};
    if (message.parent != MessageId{})
        object.insert(QLatin1String("parent"), QString::number(static_cast<qint64>(message.parent)));
    if (!message.reasoning.isEmpty())
        object.insert(QLatin1String("reasoning"), message.reasoning);
    if (message.role == Role::Assistant)
        object.insert(QLatin1String("answer"), factsObject(message.facts));
    QJsonArray documents;
    for (const auto& document : message.documents)
        documents.append(QJsonObject{{QLatin1String("name"), document.name},
                                     {QLatin1String("tokens"), document.tokens},
                                     {QLatin1String("text"), document.text}});
    if (!documents.isEmpty())
        object.insert(QLatin1String("documents"), documents);
    return object;
}

} // namespace

QString toMarkdown(const Conversation& conversation) {
    QString out = QStringLiteral("# ") + conversation.row().title + QStringLiteral("\n\n");
    for (const auto id : conversation.path()) {
        const auto& message = *conversation.find(id);
        out += QStringLiteral("## ") + markdownHead(message) + QStringLiteral("\n\n");
        for (const auto& document : message.documents)
            out += Words::tr("*Document: %1*").arg(document.name) + QStringLiteral("\n\n");
        if (!message.reasoning.isEmpty())
            out += quoted(message.reasoning) + QLatin1Char('\n');
        out += message.content.trimmed() + QStringLiteral("\n\n");
        if (message.state == MessageState::Interrupted || message.state == MessageState::Stopped)
            out += Words::tr("*(the answer was stopped here)*") + QStringLiteral("\n\n");
    }
    return out;
}

QByteArray toJson(const Conversation& conversation) {
    QJsonArray messages;
    for (const auto id : conversation.all())
        messages.append(messageObject(*conversation.find(id)));
    const QJsonObject object{
        {QLatin1String("format"), QLatin1String("bathyscope-conversation")},
        {QLatin1String("version"), 1},
        {QLatin1String("title"), conversation.row().title},
        {QLatin1String("created"), timeText(conversation.row().createdMs)},
        {QLatin1String("settings"), QJsonDocument::fromJson(conversation.row().settings.toUtf8()).object()},
        {QLatin1String("messages"), messages}};
    return QJsonDocument(object).toJson();
}

QString exportName(const Conversation& conversation) {
    auto name = conversation.row().title;
    for (auto& c : name)
        if (QStringLiteral("/\\:*?\"<>|…").contains(c) || !c.isPrint())
            c = QLatin1Char(' ');
    name = name.simplified().left(kMaxNameLength);
    while (name.endsWith(QLatin1Char('.')))
        name.chop(1);
    return name.isEmpty() ? QStringLiteral("conversation") : name;
}

} // namespace bathy::models
