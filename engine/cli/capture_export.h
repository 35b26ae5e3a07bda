// One kind of record of a capture as a table. Pure functions over the reader; writing goes to stdout.
#pragma once

#include "engine/cli/io.h"
#include "engine/wire/capture.h"

#include <string>
#include <string_view>
#include <vector>

namespace bathy::cli {

struct ExportTable {
    std::vector<std::string> columns;
    std::vector<std::vector<Json>> rows; // numbers and texts
};

// `what`: tokens, routing, spans or kv. Errors: BadFile, BadArgument for another word.
Result<ExportTable> exportTable(const wire::CaptureReader& reader, std::string_view what);

// RFC 4180, with a heading. Returns the exit code.
Result<int> writeCsv(Io& io, const ExportTable& table);
// A list of objects, as the one document.
Result<int> writeJsonRows(Io& io, const ExportTable& table);

std::string_view spanKindName(telemetry::SpanKind kind);

} // namespace bathy::cli
