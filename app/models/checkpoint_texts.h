// The texts that may lie beside the weights: the model card, licence and notices, suggested prompts. Anybody can have
// written them: sizes and types are checked, nothing in them is run. Files are read where they lie; any thread.
#pragma once

#include "engine/base/result.h"

#include <QString>
#include <QVector>

namespace bathy::models {

struct LegalText {
    QString name; // of the file
    QString text;
};

struct CheckpointTexts {
    QString card; // Markdown, without front matter; empty: there is none
    QVector<LegalText> legal;
};

struct SuggestedPrompt {
    QString title; // one line
    QString text;
    bool thinking = false;

    friend bool operator==(const SuggestedPrompt&, const SuggestedPrompt&) = default;
};

inline constexpr qint64 kMaxCardBytes = 256 << 10;
inline constexpr qint64 kMaxPromptsBytes = 256 << 10;
inline constexpr int kMaxPrompts = 12;
inline constexpr int kMaxPromptTitle = 80;   // characters
inline constexpr int kMaxPromptText = 20000; // characters

// `path`: the checkpoint's folder or one of its files. What cannot be read is left out.
CheckpointTexts readCheckpointTexts(const QString& path);

// suggested_prompts.json of the folder: {"prompts": [{"title": …, "text": …, "thinking": false}, …]}, format in
// docs/formats/suggested_prompts.md. Errors: NotFound when there is none; BadFile, naming file and field; Io.
Result<QVector<SuggestedPrompt>> readSuggestedPrompts(const QString& path);
// What a general model is asked, for checkpoints that suggest nothing.
QVector<SuggestedPrompt> generalPrompts();

} // namespace bathy::models
