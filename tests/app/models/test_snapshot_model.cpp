// Which snapshots there are, and which of them must go.
#include "app/models/snapshot_model.h"

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

using storage::ConversationId;
using storage::MessageId;

SnapshotItem item(const char* id, qint64 usedMs, ConversationId conversation = ConversationId{1}) {
    SnapshotItem made;
    made.id = QString::fromLatin1(id);
    made.ours = true;
    made.usedMs = usedMs;
    made.conversation = conversation;
    return made;
}

TEST(SnapshotItems, ofOneList_takeWhatTheStoreKnows) {
    api::SnapshotList list;
    list.snapshots = {{"a", "/a", "as it was", "nano", "f", 300, 10, 5, ""},
                      {"b", "/b", "by hand", "nano", "f", 1, 1, 6, ""}};
    const auto items =
        snapshotItems(list, {{QStringLiteral("a"), MessageId{1}, ConversationId{}, {}, 9000, false},
                             {QStringLiteral("a"), MessageId{2}, ConversationId{7}, QStringLiteral("now"), 8000, true},
                             {QStringLiteral("gone"), MessageId{3}, ConversationId{7}, {}, 1, false}});
    ASSERT_EQ(items.size(), 2);
    EXPECT_TRUE(items[0].ours);
    EXPECT_TRUE(items[0].pinned);
    EXPECT_EQ(items[0].conversation, ConversationId{7}) << "one of its answers is still there";
    EXPECT_EQ(items[0].name, QStringLiteral("now"));
    EXPECT_EQ(items[0].usedMs, 9000);
    EXPECT_EQ(items[0].createdMs, 5000);
    EXPECT_FALSE(items[1].ours);
    EXPECT_EQ(items[1].name, QStringLiteral("by hand"));
}

TEST(SnapshotTrim, leavesAllThatFits_butWhatBelongsToNothing) {
    const auto trim = whatToTrim({item("a", 1), item("orphan", 2, ConversationId{})}, 100, 100);
    EXPECT_EQ(trim.orphans, QStringList{QStringLiteral("orphan")});
    EXPECT_TRUE(trim.oldest.isEmpty());
}

TEST(SnapshotTrim, deletesTheOldestFirst_neverPinnedOnesNorThoseOfOthers_norTheNewest) {
    auto pinned = item("pinned", 1), foreign = item("foreign", 2);
    pinned.pinned = true;
    foreign.ours = false;
    const auto trim = whatToTrim({item("newest", 9), item("second", 4), pinned, foreign, item("first", 3)}, 101, 100);
    EXPECT_TRUE(trim.orphans.isEmpty());
    EXPECT_EQ(trim.oldest, (QStringList{QStringLiteral("first"), QStringLiteral("second")}));
}

TEST(SnapshotModel, showsProblemsAndPins) {
    SnapshotModel model;
    auto broken = item("broken", 1);
    broken.problem = QStringLiteral("breaks off");
    auto pinned = item("pinned", 1);
    pinned.pinned = true;
    model.setItems({broken, pinned});
    EXPECT_EQ(model.rowCount(), 2);
    const QPersistentModelIndex second = model.index(1, 0);
    model.setItems({broken, pinned});
    EXPECT_TRUE(second.isValid()) << "the same rows, perhaps with other numbers";
    EXPECT_EQ(model.index(0, SnapshotModel::Notes).data().toString(), QStringLiteral("cannot be opened"));
    EXPECT_EQ(model.index(0, SnapshotModel::Name).data(Qt::ToolTipRole).toString(), QStringLiteral("breaks off"));
    EXPECT_EQ(model.index(1, SnapshotModel::Notes).data().toString(), QStringLiteral("pinned"));
}

} // namespace
} // namespace bathy::models
