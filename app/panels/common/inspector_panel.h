// What the inspection panels share: they follow the one selection or are locked to what they show; a chart with a table
// twin; copying and saving; a page for when there is nothing to show. UI thread.
#pragma once

#include "app/panels/common/inspector_context.h"
#include "widgets/common/live_update.h"
#include "widgets/common/picture_export.h"

#include <QWidget>

class QAbstractItemModel;
class QBoxLayout;
class QLabel;
class QStackedWidget;
class QTabWidget;
class QTableView;
class QToolButton;

namespace bathy::panels {

class InspectorPanel : public QWidget {
    Q_OBJECT
public:
    InspectorPanel(InspectorContext context, QWidget* parent);

    bool isLocked() const { return m_locked; }
    // Locked: keeps the tokens and the selection it shows now, whatever comes.
    void setLocked(bool locked);
    // Another panel of this kind in a window of its own, locked to what this one shows.
    InspectorPanel* openLockedCopy();

    bool showsTable() const;
    void setTableShown(bool shown);
    bool isEmpty() const; // the page that says what would fill it is shown
    QString emptyText() const;

    QString tableText(); // of the table in front, tab-separated
    enum class Format { Png, Svg, Csv };
    // Returns what went wrong in the system's words, empty when nothing did.
    QString exportTo(const QString& path, Format format);

protected:
    // Rebuilds what is shown from run() and selected(). Called while visible only, at most 15 times a second.
    virtual void refresh() = 0;
    // Brings the tables up to what is shown. Called when a table is about to be read: seen, copied or saved.
    virtual void updateTables() = 0;
    virtual InspectorPanel* makeAnother(InspectorContext context) const = 0;
    virtual void paintPicture(QPainter& painter, QSize size) const = 0;
    virtual QSize pictureSize() const = 0;

    // Called once by the constructor of each panel.
    void setContent(QWidget* chart, const QString& title, const QString& emptyText);
    QTableView* addTable(const QString& title, QAbstractItemModel* model);
    QBoxLayout* controls() { return m_controls; } // left part of the row on top
    void setCaption(const QString& caption);
    void setHasContent(bool has);
    void setEmptyText(const QString& text); // instead of what setContent was given

    const InspectorContext& context() const { return m_context; }
    const models::RunDataPtr& run() const { return m_run; } // null: nothing known
    const bridge::SelectionState& selected() const { return m_selected; }
    void refreshSoon() { m_update.request(); }
    void refreshNow() { m_update.requestAtOnce(); }

    void changeEvent(QEvent* event) override;

private:
    void rebuild();
    void updateIcons();
    void save(Format format);
    void addExportMenu();
    void addShortcuts();
    QTableView* tableInFront() const;

    InspectorContext m_context;
    models::RunDataPtr m_run;
    bridge::SelectionState m_selected;
    bool m_locked = false;
    widgets::LiveUpdate m_update;
    QString m_title;
    QBoxLayout* m_controls = nullptr;
    QStackedWidget* m_pages = nullptr;
    QLabel* m_emptyText = nullptr;
    QLabel* m_caption = nullptr;
    QWidget* m_chart = nullptr;
    QTabWidget* m_tables = nullptr;
    QToolButton* m_tableButton = nullptr;
    QToolButton* m_exportButton = nullptr;
    QToolButton* m_copyButton = nullptr;
    QToolButton* m_lockButton = nullptr;
};

} // namespace bathy::panels
