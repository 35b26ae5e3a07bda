#include "app/models/document_file.h"

#include <QFile>
#include <QFileInfo>
#include <QStringDecoder>

namespace bathy::models {

Result<storage::Document> readDocument(const QString& path) {
    const auto name = path.toStdString();
    QFile file(path);
    if (!file.exists())
        return Error(ErrorCode::NotFound, name + " does not exist");
    if (QFileInfo(path).isDir())
        return Error(ErrorCode::BadFile, name + " is a folder");
    if (file.size() > kMaxDocumentBytes)
        return Error(ErrorCode::BadArgument,
                     name + " is larger than " + std::to_string(kMaxDocumentBytes >> 20) + " MiB");
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorCode::Io, name + ": " + file.errorString().toStdString());
    const auto bytes = file.readAll();
    const auto encoding = QStringConverter::encodingForData(bytes).value_or(QStringConverter::Utf8);
    QStringDecoder decode(encoding);
    QString text = decode(bytes);
    if (decode.hasError() || text.contains(QChar(u'\0')))
        return Error(ErrorCode::BadFile, name + " is not a text file");
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    return storage::Document{QFileInfo(path).fileName(), std::move(text), 0};
}

} // namespace bathy::models
