#include "widgets/common/table_text.h"

#include <QStandardItemModel>

#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

struct TableText : ::testing::Test {
    TableText() {
        model.setHorizontalHeaderLabels({QStringLiteral("name"), QStringLiteral("value")});
        model.appendRow({new QStandardItem(QStringLiteral("a,b")), new QStandardItem(QStringLiteral("1"))});
        model.appendRow(
            {new QStandardItem(QStringLiteral("say \"x\"\ttab\nline")), new QStandardItem(QStringLiteral("2"))});
    }
    QStandardItemModel model;
};

TEST_F(TableText, Csv_quotesWhatNeedsIt) {
    EXPECT_EQ(tableAsCsv(model).toStdString(), "name,value\r\n\"a,b\",1\r\n\"say \"\"x\"\"\ttab\nline\",2\r\n");
}

TEST_F(TableText, Tsv_keepsOneLinePerRow) {
    EXPECT_EQ(tableAsTsv(model).toStdString(), "name\tvalue\na,b\t1\nsay \"x\" tab line\t2\n");
}

} // namespace
} // namespace bathy::widgets
