// The composition root of the desktop: creates the long-lived objects in the order in which they need each other and
// wires them. Nothing else creates or finds them; each gets what it needs by reference. UI thread.
#pragma once

#include "app/bridge/engine_link.h"
#include "app/bridge/engine_process.h"
#include "app/bridge/event_pump.h"
#include "app/bridge/selection.h"
#include "app/models/chat_presenter.h"
#include "app/models/conversation_list_model.h"
#include "app/models/evidence_presenter.h"
#include "app/models/expert_bans.h"
#include "app/models/library_presenter.h"
#include "app/models/memory_planner.h"
#include "app/models/model_presenter.h"
#include "app/models/run_recorder.h"
#include "app/models/snapshot_presenter.h"
#include "app/shell/main_window.h"
#include "app/shell/theme.h"
#include "app/storage/storage.h"

#include <QSettings>
#include <QStringList>

#include <memory>

namespace bathy::panels {
class ChatPanel;
class ModelsPanel;
} // namespace bathy::panels

namespace bathy::shell {
class ImGuiOverlay;
class PerformancePage;
} // namespace bathy::shell

namespace bathy::workbench {

struct WorkbenchOptions {
    QString settingsFile;  // an INI file
    QString dataFolder;    // conversations
    QString engineProgram; // `bathy`
    QStringList engineArguments = bridge::EngineProcess::defaultArguments();
    QString model; // opened at start; empty: the last one, or the bundled one
    QString theme; // for this start only; empty: as kept in the settings
};

class Workbench : public QObject {
    Q_OBJECT
public:
    // Errors: those of Storage::open.
    static Result<std::unique_ptr<Workbench>> create(const WorkbenchOptions& options);
    ~Workbench() override;

    // Shows the window and opens the first model.
    void start();

    shell::MainWindow& window() { return *m_window; }
    models::ChatPresenter& chat() { return *m_chat; }
    models::ConversationListModel& conversations() { return *m_conversations; }
    models::ModelPresenter& model() { return *m_model; }
    models::LibraryPresenter& library() { return *m_library; }
    models::SnapshotPresenter& snapshots() { return *m_snapshots; }
    panels::ModelsPanel& modelsPanel() { return *m_modelsPanel; }
    models::RunRecorder& runs() { return *m_runs; }
    bridge::Selection& selection() { return *m_selection; }
    models::ExpertBans& bans() { return *m_bans; }
    bridge::EngineProcess& engine() { return *m_process; }
    panels::ChatPanel& chatPanel() { return *m_chatPanel; }

private:
    Workbench(const WorkbenchOptions& options, std::unique_ptr<storage::Storage> storage);
    void wire();
    void addPanels();
    void addActions();
    void addOverlay();
    void inspect(GenerationId generation);
    void inspectAnswer(const models::AnswerRange& answer);
    void updateStatus();
    QStringList diagnostics() const;

    WorkbenchOptions m_options;
    QSettings m_settings;
    std::unique_ptr<storage::Storage> m_storage;
    std::unique_ptr<bridge::EngineProcess> m_process;
    std::unique_ptr<bridge::EngineLink> m_link;
    std::unique_ptr<bridge::EventPump> m_pump;
    std::unique_ptr<models::ModelPresenter> m_model;
    std::unique_ptr<models::LibraryPresenter> m_library;
    std::unique_ptr<models::MemoryPlanner> m_memoryPlanner;
    std::unique_ptr<models::EvidencePresenter> m_evidence;
    std::unique_ptr<models::SnapshotPresenter> m_snapshots;
    std::unique_ptr<models::ChatPresenter> m_chat;
    std::unique_ptr<models::ConversationListModel> m_conversations;
    std::unique_ptr<models::RunRecorder> m_runs;
    std::unique_ptr<bridge::Selection> m_selection;
    std::unique_ptr<models::ExpertBans> m_bans;
    std::unique_ptr<shell::Theme> m_theme;
    std::unique_ptr<shell::PerformancePage> m_performance;
    std::unique_ptr<shell::MainWindow> m_window; // last made, first gone: its panels look at all of the above
    panels::ChatPanel* m_chatPanel = nullptr;
    panels::ModelsPanel* m_modelsPanel = nullptr;
    shell::ImGuiOverlay* m_overlay = nullptr;
    api::DeviceList m_devices;
};

} // namespace bathy::workbench
