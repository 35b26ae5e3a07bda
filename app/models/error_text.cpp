#include "app/models/error_text.h"

#include <QCoreApplication>

namespace bathy::models {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::models::ErrorText)
};

QString titleOf(ErrorCode code) {
    switch (code) {
    case ErrorCode::Cancelled:
        return Words::tr("Stopped.");
    case ErrorCode::Internal:
        return Words::tr("Something went wrong inside the program.");
    case ErrorCode::BadArgument:
        return Words::tr("The engine refused a setting.");
    case ErrorCode::BadFile:
        return Words::tr("This file is damaged or not what it says it is.");
    case ErrorCode::Unsupported:
        return Words::tr("This is not supported yet.");
    case ErrorCode::NotFound:
        return Words::tr("It is not there.");
    case ErrorCode::Io:
        return Words::tr("The system refused to read or write a file.");
    case ErrorCode::OutOfMemory:
        return Words::tr("This does not fit in memory.");
    case ErrorCode::DeviceLost:
        return Words::tr("The device went away.");
    case ErrorCode::DeviceMissing:
        return Words::tr("The device cannot be used here.");
    case ErrorCode::Protocol:
        return Words::tr("The engine and this window do not understand each other.");
    case ErrorCode::HostDied:
        return Words::tr("The engine stopped.");
    case ErrorCode::Busy:
        return Words::tr("Something else is using it just now.");
    case ErrorCode::NoTokenizer:
        return Words::tr("This checkpoint has no tokenizer.");
    case ErrorCode::ContextFull:
        return Words::tr("The conversation is longer than the model can hold.");
    }
    return Words::tr("Something went wrong.");
}

QString adviceOf(ErrorCode code) {
    switch (code) {
    case ErrorCode::BadFile:
        return Words::tr("Fetch the checkpoint again, or check that all its files are complete.");
    case ErrorCode::OutOfMemory:
        return Words::tr("Choose a smaller checkpoint or a shorter context, or close other programs.");
    case ErrorCode::HostDied:
        return Words::tr("Nothing in the conversation is lost. Restart the engine to go on.");
    case ErrorCode::NoTokenizer:
        return Words::tr("Chat needs tokenizer.json beside the weights.");
    case ErrorCode::ContextFull:
        return Words::tr("Start a new conversation, or remove a document.");
    default:
        return {};
    }
}

} // namespace

ErrorText describe(const Error& error) {
    const auto hint = QString::fromStdString(error.hint());
    return {titleOf(error.code()), QString::fromStdString(error.what()),
            hint.isEmpty() ? adviceOf(error.code()) : hint};
}

} // namespace bathy::models
