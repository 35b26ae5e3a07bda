// A conversation as a file for people (Markdown: the shown path) or for programs (JSON: every version). Pure.
#pragma once

#include "app/models/conversation.h"

#include <QByteArray>
#include <QString>

namespace bathy::models {

QString toMarkdown(const Conversation& conversation);
QByteArray toJson(const Conversation& conversation);
// A file name without characters that some system refuses; without suffix.
QString exportName(const Conversation& conversation);

} // namespace bathy::models
