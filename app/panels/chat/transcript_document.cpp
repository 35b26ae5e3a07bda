#include "app/panels/chat/transcript_document.h"

#include "app/models/chat_settings.h"
#include "app/models/expert_bans.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace bathy::panels {
namespace {

using models::Message;
using models::MessageState;
using models::Role;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::panels::Transcript)
};

QString headText(const Message& message) {
    if (message.role == Role::User)
        return Words::tr("You");
    if (message.role == Role::System)
        return Words::tr("System");
    return message.facts.modelName.isEmpty() ? Words::tr("Model") : message.facts.modelName;
}

QString documentsText(const Message& message) {
    QStringList names;
    for (const auto& document : message.documents)
        names << (document.tokens > 0
                      ? Words::tr("%1 · %2 tokens").arg(document.name, QLocale().toString(document.tokens))
                      : document.name);
    return names.join(QStringLiteral("    "));
}

QString foldText(const Message& message) {
    const bool thinking = message.state == MessageState::Streaming && message.content.isEmpty();
    return thinking ? Words::tr("Thinking…") : Words::tr("Reasoning");
}

} // namespace

QString TranscriptDocument::footText(const Message& message) {
    if (message.role != Role::Assistant)
        return {};
    const auto& facts = message.facts;
    QStringList parts;
    switch (message.state) {
    case MessageState::Streaming:
        return {};
    case MessageState::Stopped:
        parts << Words::tr("Stopped");
        break;
    case MessageState::Interrupted:
        parts << (facts.finish == QLatin1String("host_died") ? Words::tr("Engine stopped; this is what came")
                                                             : Words::tr("The program ended here; this is what came"));
        break;
    case MessageState::Failed:
        parts << (facts.note.isEmpty() ? Words::tr("Failed") : facts.note);
        break;
    case MessageState::Done:
        if (facts.finish == QLatin1String("max_tokens"))
            parts << Words::tr("Ended at the token limit");
        else if (facts.finish == QLatin1String("context_full"))
            parts << Words::tr("The context is full");
        break;
    }
    const QLocale locale;
    if (facts.decodeSeconds > 0 && facts.generatedTokens > 1)
        parts << Words::tr("%1 tokens/s")
                     .arg(locale.toString(static_cast<double>(facts.generatedTokens) / facts.decodeSeconds, 'f', 1));
    if (facts.generatedTokens > 0)
        parts << (facts.generatedTokens == 1 ? Words::tr("1 token")
                                             : Words::tr("%1 tokens").arg(locale.toString(facts.generatedTokens)));
    if (facts.firstTokenSeconds > 0)
        parts << Words::tr("first after %1 s").arg(locale.toString(facts.firstTokenSeconds, 'f', 2));
    if (const auto banned = models::ChatSettings::fromJson(facts.settings).bannedExperts; !banned.empty())
        parts << (banned.size() == 1
                      ? Words::tr("without expert %1").arg(models::bannedText(banned))
                      : Words::tr("without %1 experts (%2)").arg(banned.size()).arg(models::bannedText(banned)));
    return parts.join(QStringLiteral(" · "));
}

void TranscriptDocument::rebuild(const models::Conversation& conversation) {
    m_conversation = &conversation;
    m_items.clear();
    m_sections.clear();
    for (const auto id : conversation.path())
        addSection(conversation, id);
}

int TranscriptDocument::append(const models::Conversation& conversation, MessageId message) {
    m_conversation = &conversation;
    const int first = static_cast<int>(m_items.size());
    addSection(conversation, message);
    return first;
}

void TranscriptDocument::addSection(const models::Conversation& conversation, MessageId message) {
    const auto* found = conversation.find(message);
    if (found == nullptr)
        return;
    m_sections.emplace_back();
    auto& section = m_sections.back();
    section.message = message;
    section.firstRow = static_cast<int>(m_items.size());
    if (found->role == Role::Assistant) {
        growStream(section.reasoning, found->reasoning);
        growStream(section.text, found->content);
    }
    addRows(section, *found, conversation);
}

void TranscriptDocument::addRows(Section& section, const Message& message, const models::Conversation& conversation) {
    const auto versions = conversation.versions(message.id);
    const auto add = [&](ItemKind kind, const QString& text) -> TranscriptItem& {
        TranscriptItem item;
        item.kind = kind;
        item.message = message.id;
        item.text = text;
        item.role = message.role;
        m_items.append(std::move(item));
        return m_items.last();
    };
    auto& head = add(ItemKind::Head, headText(message));
    head.version = static_cast<int>(versions.indexOf(message.id)) + 1;
    head.versions = static_cast<int>(versions.size());
    if (!message.documents.isEmpty())
        add(ItemKind::Documents, documentsText(message));
    if (!message.reasoning.isEmpty()) {
        const bool open = m_openFolds.contains(message.id);
        add(ItemKind::Fold, foldText(message)).open = open;
        if (open)
            addBlocks(section.reasoning.blocks(), ItemKind::Reasoning, message.id);
    }
    if (message.role == Role::Assistant)
        addBlocks(section.text.blocks(), ItemKind::Block, message.id);
    else
        addBlocks(widgets::plainBlocks(message.content), ItemKind::Block, message.id);
    add(ItemKind::Foot, footText(message)).alarm =
        message.state == MessageState::Interrupted || message.state == MessageState::Failed;
}

void TranscriptDocument::addBlocks(const QVector<widgets::RichBlock>& blocks, ItemKind kind, MessageId message) {
    for (const auto& block : blocks) {
        TranscriptItem item;
        item.kind = kind;
        item.message = message;
        item.block = block;
        m_items.append(std::move(item));
    }
}

int TranscriptDocument::growStream(widgets::MarkdownStream& stream, const QString& whole) {
    if (whole.size() == stream.source().size())
        return static_cast<int>(stream.blocks().size());
    return stream.append(whole.mid(stream.source().size()));
}

int TranscriptDocument::update(const models::Conversation& conversation, MessageId message) {
    m_conversation = &conversation;
    const auto section = std::find_if(m_sections.rbegin(), m_sections.rend(),
                                      [message](const Section& s) { return s.message == message; });
    const auto* found = conversation.find(message);
    if (section == m_sections.rend() || found == nullptr)
        return static_cast<int>(m_items.size());
    const bool last = section == m_sections.rbegin();
    const auto oldReasoning = section->reasoning.source().size();
    if (found->role == Role::Assistant && last && oldReasoning == found->reasoning.size() &&
        !section->text.source().isEmpty() && section->text.source().size() < found->content.size()) {
        // The common case while an answer streams: all rows but the last blocks and the foot stay.
        const auto before = section->text.blocks().size();
        const auto changed = growStream(section->text, found->content);
        const auto firstBlockRow = m_items.size() - 1 - before;
        auto foot = m_items.takeLast();
        m_items.resize(firstBlockRow + changed);
        const auto& blocks = section->text.blocks();
        addBlocks(blocks.mid(changed), ItemKind::Block, message);
        foot.text = footText(*found);
        m_items.append(std::move(foot));
        return static_cast<int>(firstBlockRow) + changed;
    }
    growStream(section->reasoning, found->reasoning);
    growStream(section->text, found->content);
    return rebuildRows(conversation, *section);
}

// Makes all rows of one section again; those of later sections move. Returns the first row that is different.
int TranscriptDocument::rebuildRows(const models::Conversation& conversation, Section& section) {
    const auto index = static_cast<std::size_t>(&section - m_sections.data());
    const bool last = index + 1 == m_sections.size();
    const auto end = last ? m_items.size() : m_sections[index + 1].firstRow;
    const auto before = m_items.mid(section.firstRow, end - section.firstRow);
    const auto behind = m_items.mid(end);
    m_items.resize(section.firstRow);
    addRows(section, *conversation.find(section.message), conversation);
    const auto shift = static_cast<int>(m_items.size() - end);
    for (auto i = index + 1; i < m_sections.size(); ++i)
        m_sections[i].firstRow += shift;
    m_items += behind;
    const auto differs =
        std::mismatch(before.begin(), before.end(), m_items.cbegin() + section.firstRow, m_items.cend());
    return static_cast<int>(differs.second - m_items.cbegin());
}

int TranscriptDocument::toggleFold(MessageId message) {
    const auto section = std::find_if(m_sections.begin(), m_sections.end(),
                                      [message](const Section& s) { return s.message == message; });
    if (section == m_sections.end() || m_conversation == nullptr)
        return static_cast<int>(m_items.size());
    if (!m_openFolds.remove(message))
        m_openFolds.insert(message);
    return rebuildRows(*m_conversation, *section);
}

QString TranscriptDocument::textBetween(int first, int firstOffset, int last, int lastOffset) const {
    QString text;
    for (int row = first; row <= last && row < m_items.size(); ++row) {
        const auto& item = m_items.at(row);
        if (item.kind != ItemKind::Block && item.kind != ItemKind::Reasoning)
            continue;
        auto part = widgets::plainText(item.block);
        if (row == last)
            part.truncate(lastOffset);
        if (row == first)
            part.remove(0, firstOffset);
        if (!text.isEmpty())
            text += item.block.continued && item.block.kind != widgets::BlockKind::Code ? QStringLiteral(" ")
                                                                                        : QStringLiteral("\n");
        if (row != first && !item.block.marker.isEmpty())
            text += item.block.marker + QLatin1Char(' ');
        text += part;
    }
    return text;
}

QString TranscriptDocument::codeAt(int row) const {
    QString code;
    for (; row < m_items.size(); ++row) {
        code += m_items.at(row).block.text.text;
        if (!m_items.at(row).block.unfinished)
            break;
        code += QLatin1Char('\n');
    }
    return code;
}

int TranscriptDocument::firstRowOf(MessageId message) const {
    for (const auto& section : m_sections)
        if (section.message == message)
            return section.firstRow;
    return -1;
}

} // namespace bathy::panels
