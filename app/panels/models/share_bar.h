// A bar cut into shares with a legend under it: what a checkpoint's bytes are made of. UI thread.
#pragma once

#include "app/models/model_card_text.h"

#include <QWidget>

namespace bathy::panels {

class ShareBar : public QWidget {
    Q_OBJECT
public:
    explicit ShareBar(QWidget* parent = nullptr);

    void setShares(QVector<models::Share> shares);
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Entry {
        QRect box; // of the legend
        QString text;
    };
    QVector<Entry> legend(int width) const;

    QVector<models::Share> m_shares;
};

} // namespace bathy::panels
