#include "engine/cli/answer_printer.h"

namespace bathy::cli {

void AnswerPrinter::operator()(const api::Event& event) {
    if (const auto* started = std::get_if<api::GenerationStarted>(&event))
        m_started = *started;
    const auto* delta = std::get_if<api::TextDelta>(&event);
    if (delta == nullptr)
        return;
    if (delta->reasoning != m_reasoning)
        m_io.write(delta->reasoning ? "<think>\n" : "\n</think>\n\n");
    m_reasoning = delta->reasoning;
    m_io.write(delta->text);
    m_endsLine = delta->text.ends_with('\n');
}

void AnswerPrinter::end() {
    if (m_reasoning)
        m_io.write("\n</think>");
    if (!m_endsLine)
        m_io.write("\n");
}

} // namespace bathy::cli
