// Prints an answer as it comes. Reasoning is set apart by a line before and after it, so that a pipe reads the answer
// last. Main thread.
#pragma once

#include "engine/api/events.h"
#include "engine/cli/io.h"

namespace bathy::cli {

class AnswerPrinter {
public:
    explicit AnswerPrinter(Io& io) : m_io(io) {}

    void operator()(const api::Event& event);
    void end();
    // What the engine said before the first token.
    const api::GenerationStarted& started() const { return m_started; }

private:
    Io& m_io;
    api::GenerationStarted m_started;
    bool m_reasoning = false;
    bool m_endsLine = true;
};

} // namespace bathy::cli
