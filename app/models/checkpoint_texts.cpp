#include "app/models/checkpoint_texts.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace bathy::models {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::models::SuggestedPrompts)
};

QDir folderOf(const QString& path) {
    const QFileInfo info(path);
    return info.isDir() ? QDir(path) : info.dir();
}

QString readText(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    auto text = QString::fromUtf8(file.read(kMaxCardBytes));
    return text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
}

// The YAML that Hugging Face puts before a card is for its site.
QString withoutFrontMatter(const QString& text) {
    const auto fence = QStringLiteral("---\n");
    if (!text.startsWith(fence))
        return text;
    const auto end = text.indexOf(QStringLiteral("\n---\n"), fence.size() - 1);
    return end < 0 ? text : text.mid(end + 5);
}

bool isPlainText(const QString& text, bool oneLine) {
    return std::all_of(text.begin(), text.end(), [oneLine](QChar c) {
        return c.isPrint() || c.isSurrogate() || (!oneLine && (c == QLatin1Char('\n') || c == QLatin1Char('\t')));
    });
}

Error badPrompt(const QString& field, const QString& why) {
    return {ErrorCode::BadFile, QStringLiteral("suggested_prompts.json: %1 %2").arg(field, why).toStdString()};
}

Result<QString> textField(const QJsonObject& object, const QString& where, const char* name, int limit, bool oneLine) {
    const auto field = QStringLiteral("%1.%2").arg(where, QLatin1String(name));
    const auto value = object.value(QLatin1String(name));
    if (!value.isString())
        return badPrompt(field, QStringLiteral("is not a string"));
    const auto text = value.toString();
    if (text.trimmed().isEmpty())
        return badPrompt(field, QStringLiteral("is empty"));
    if (text.size() > limit)
        return badPrompt(field, QStringLiteral("is longer than %1 characters").arg(limit));
    if (!isPlainText(text, oneLine))
        return badPrompt(field, QStringLiteral("holds characters that cannot be shown"));
    return text;
}

Result<SuggestedPrompt> promptFrom(const QJsonValue& value, const QString& where) {
    if (!value.isObject())
        return badPrompt(where, QStringLiteral("is not an object"));
    const auto object = value.toObject();
    SuggestedPrompt prompt;
    BATHY_TRY(prompt.title, textField(object, where, "title", kMaxPromptTitle, true));
    BATHY_TRY(prompt.text, textField(object, where, "text", kMaxPromptText, false));
    const auto thinking = object.value(QLatin1String("thinking"));
    if (!thinking.isUndefined() && !thinking.isBool())
        return badPrompt(where + QStringLiteral(".thinking"), QStringLiteral("is not true or false"));
    prompt.thinking = thinking.toBool();
    return prompt;
}

} // namespace

CheckpointTexts readCheckpointTexts(const QString& path) {
    const auto folder = folderOf(path);
    CheckpointTexts texts;
    for (const auto& name : {QStringLiteral("MODEL_CARD.md"), QStringLiteral("README.md")})
        if (texts.card.isEmpty())
            texts.card = withoutFrontMatter(readText(folder.filePath(name))).trimmed();
    for (const auto& name : folder.entryList({QStringLiteral("LICENSE*"), QStringLiteral("LICENCE*"),
                                              QStringLiteral("NOTICE*"), QStringLiteral("COPYING*")},
                                             QDir::Files, QDir::Name))
        if (const auto text = readText(folder.filePath(name)).trimmed(); !text.isEmpty())
            texts.legal.append({name, text});
    return texts;
}

Result<QVector<SuggestedPrompt>> readSuggestedPrompts(const QString& path) {
    QFile file(folderOf(path).filePath(QStringLiteral("suggested_prompts.json")));
    if (!file.exists())
        return Error(ErrorCode::NotFound, "there is no suggested_prompts.json");
    if (file.size() > kMaxPromptsBytes)
        return badPrompt(QStringLiteral("the file"),
                         QStringLiteral("is larger than %1 KiB").arg(kMaxPromptsBytes >> 10));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorCode::Io, "suggested_prompts.json: " + file.errorString().toStdString());
    QJsonParseError problem{};
    const auto document = QJsonDocument::fromJson(file.readAll(), &problem);
    if (problem.error != QJsonParseError::NoError)
        return badPrompt(QStringLiteral("byte %1:").arg(problem.offset), problem.errorString());
    const auto list = document.object().value(QLatin1String("prompts"));
    if (!list.isArray())
        return badPrompt(QStringLiteral("prompts"), QStringLiteral("is not an array"));
    const auto array = list.toArray();
    if (array.isEmpty() || array.size() > kMaxPrompts)
        return badPrompt(QStringLiteral("prompts"), QStringLiteral("does not hold 1 to %1 entries").arg(kMaxPrompts));
    QVector<SuggestedPrompt> prompts;
    for (qsizetype i = 0; i < array.size(); ++i) {
        BATHY_TRY(auto prompt, promptFrom(array.at(i), QStringLiteral("prompts[%1]").arg(i)));
        prompts.append(std::move(prompt));
    }
    return prompts;
}

QVector<SuggestedPrompt> generalPrompts() {
    const auto plain = [](const QString& text) { return SuggestedPrompt{text, text, false}; };
    return {plain(Words::tr("What can you do?")), plain(Words::tr("Write a short story about the sea.")),
            plain(Words::tr("Explain what a mixture of experts is.")),
            plain(Words::tr("Write a function that reverses a list."))};
}

} // namespace bathy::models
