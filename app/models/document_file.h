// A text file as an attachment: read whole, refused when it is not text. Any thread.
#pragma once

#include "app/storage/records.h"
#include "engine/base/result.h"

namespace bathy::models {

inline constexpr qint64 kMaxDocumentBytes = 32LL << 20;

// UTF-8 (with or without mark) or UTF-16 with mark. Errors: NotFound, Io, BadFile when it is not text, BadArgument when
// it is larger than kMaxDocumentBytes.
Result<storage::Document> readDocument(const QString& path);

} // namespace bathy::models
