#include "app/workbench/workbench.h"

#include "app/models/run_selection.h"
#include "app/panels/attention/attention_panel.h"
#include "app/panels/chat/chat_panel.h"
#include "app/panels/memory/memory_panel.h"
#include "app/panels/models/models_panel.h"
#include "app/panels/routing/routing_panel.h"
#include "app/panels/snapshots/snapshots_panel.h"
#include "app/panels/tokens/tokens_panel.h"
#include "app/shell/about_dialog.h"
#include "app/shell/overlay/imgui_overlay.h"
#include "app/shell/overlay/performance_page.h"

#include <QApplication>
#include <QLocale>
#include <QMessageBox>

namespace bathy::workbench {
Result<std::unique_ptr<Workbench>> Workbench::create(const WorkbenchOptions& options) {
    BATHY_TRY(auto storage, storage::Storage::open(options.dataFolder));
    return std::unique_ptr<Workbench>(new Workbench(options, std::move(storage)));
}

Workbench::Workbench(const WorkbenchOptions& options, std::unique_ptr<storage::Storage> storage)
    : m_options(options), m_settings(options.settingsFile, QSettings::IniFormat), m_storage(std::move(storage)) {
    m_process = std::make_unique<bridge::EngineProcess>(options.engineProgram, options.engineArguments);
    m_link = std::make_unique<bridge::EngineLink>(*m_process);
    m_pump = std::make_unique<bridge::EventPump>(*m_link);
    m_model = std::make_unique<models::ModelPresenter>(*m_link, *m_pump, m_settings);
    m_library = std::make_unique<models::LibraryPresenter>(m_settings);
    m_memoryPlanner = std::make_unique<models::MemoryPlanner>(*m_link, *m_pump);
    m_evidence = std::make_unique<models::EvidencePresenter>(*m_link, *m_pump);
    m_snapshots = std::make_unique<models::SnapshotPresenter>(
        models::SnapshotPresenter::Context{*m_link, *m_pump, *m_storage, m_settings},
        options.dataFolder + QStringLiteral("/snapshots"));
    m_chat = std::make_unique<models::ChatPresenter>(
        models::ChatPresenter::Context{*m_link, *m_pump, *m_storage, *m_model, *m_snapshots});
    m_conversations = std::make_unique<models::ConversationListModel>(*m_storage);
    m_runs = std::make_unique<models::RunRecorder>();
    m_selection = std::make_unique<bridge::Selection>();
    m_bans = std::make_unique<models::ExpertBans>();
    m_theme = std::make_unique<shell::Theme>();
    const auto theme =
        options.theme.isEmpty() ? m_settings.value(QStringLiteral("appearance/theme")).toString() : options.theme;
    m_theme->apply(shell::Theme::choiceFromName(theme));
    m_window = std::make_unique<shell::MainWindow>(m_settings, *m_theme);
    wire();
    addPanels();
    addActions();
    addOverlay();
    m_window->finishSetup();
    updateStatus();
}

Workbench::~Workbench() {
    // What is being written is handed to the store before the store waits for its last work.
    m_window.reset();
    m_chat.reset();
}

void Workbench::wire() {
    connect(m_pump.get(), &bridge::EventPump::eventsReady, this, [this](const bridge::EventBatch& batch) {
        m_runs->applyAll(*batch);
        for (const auto& event : *batch)
            if (const auto* devices = std::get_if<api::DeviceList>(&event))
                m_devices = *devices;
    });
    connect(m_chat.get(), &models::ChatPresenter::replayed, this,
            [this](const bridge::EventBatch& batch) { m_runs->applyAll(*batch); });
    connect(m_chat.get(), &models::ChatPresenter::sessionShown, this,
            [this](quint64 session) { m_runs->setCurrent(SessionId(session)); });
    models::keepSelectionWithin(*m_runs, *m_selection);
    // What is knocked out belongs to the conversation on screen.
    connect(m_chat.get(), &models::ChatPresenter::conversationShown, this,
            [this] { m_bans->set(m_chat->conversation().settings().bannedExperts); });
    connect(m_bans.get(), &models::ExpertBans::changed, this, [this] {
        auto settings = m_chat->conversation().settings();
        if (settings.bannedExperts == m_bans->list())
            return;
        settings.bannedExperts = m_bans->list();
        m_chat->setSettings(settings);
    });
    connect(m_runs.get(), &models::RunRecorder::statsChanged, this, &Workbench::updateStatus);
    connect(m_model.get(), &models::ModelPresenter::stateChanged, this, [this] {
        if (m_model->state() == models::ModelPresenter::State::Loaded)
            m_link->post(api::ListDevices{});
        updateStatus();
    });
    connect(m_snapshots.get(), &models::SnapshotPresenter::problem, this, [this](const models::ErrorText& text) {
        m_chatPanel->notify(QStringList{text.title, text.detail, text.advice}.join(QLatin1Char(' ')).simplified());
    });
    connect(m_storage.get(), &storage::Storage::failed, this,
            [this](const QString& what) { m_chatPanel->notify(tr("Could not save: %1").arg(what)); });
}

void Workbench::addPanels() {
    const panels::InspectorContext context{*m_runs, *m_selection,
                                           [this](std::vector<std::int64_t> contexts) {
                                               m_link->post(api::PlanMemory{{}, {}, std::move(contexts), {}});
                                           },
                                           m_bans.get(), m_evidence.get()};
    m_chatPanel = new panels::ChatPanel({*m_chat, *m_conversations, *m_model});
    m_window->setCentralWidget(m_chatPanel);
    connect(m_chatPanel, &panels::ChatPanel::inspectAsked, this,
            [this](quint64 generation) { inspect(GenerationId(generation)); });
    connect(m_chatPanel, &panels::ChatPanel::replayShown, this, [this] {
        if (const auto run = m_runs->snapshot(); run && run->lastAnswer())
            inspectAnswer(*run->lastAnswer());
    });
    connect(m_chatPanel, &panels::ChatPanel::openModelAsked, this,
            [this] { m_window->showPanel(QStringLiteral("models")); });
    const auto panel = [this](const char* id, const QString& title, QWidget* widget, const char* keys) {
        m_window->addPanel({QString::fromLatin1(id), title, widget, QKeySequence(QString::fromLatin1(keys))});
    };
    m_modelsPanel = new panels::ModelsPanel(*m_model, *m_library, *m_memoryPlanner, *m_runs);
    connect(m_modelsPanel, &panels::ModelsPanel::linkClicked, m_chatPanel, &panels::ChatPanel::offerLink);
    panel("models", tr("Models"), m_modelsPanel, "Ctrl+Shift+M");
    panel("routing", tr("Routing"), new panels::RoutingPanel(context), "Ctrl+Shift+R");
    panel("memory", tr("Memory"), new panels::MemoryPanel(context), "Ctrl+Shift+Y");
    panel("tokens", tr("Tokens"), new panels::TokensPanel(context), "Ctrl+Shift+T");
    panel("attention", tr("Attention"), new panels::AttentionPanel(context), "Ctrl+Shift+E");
    auto* snapshots = new panels::SnapshotsPanel(*m_snapshots);
    connect(snapshots, &panels::SnapshotsPanel::conversationAsked, m_chat.get(),
            &models::ChatPresenter::openConversation);
    connect(m_model.get(), &models::ModelPresenter::stateChanged, snapshots, [this, snapshots] {
        const auto& card = m_model->card();
        snapshots->setOpenModel(card ? QString::fromStdString(card->fingerprint) : QString());
    });
    panel("snapshots", tr("Snapshots"), snapshots, "Ctrl+Shift+K");
}

void Workbench::addActions() {
    using Menu = shell::MainWindow::Menu;
    const auto add = [this](Menu menu, const char* id, const QString& category, const QString& text,
                            const QKeySequence& keys, std::function<void()> run) {
        m_window->addAction(menu, {QString::fromLatin1(id), category, text, keys, {}}, std::move(run));
    };
    const auto keys = [](const char* text) { return QKeySequence(QString::fromLatin1(text)); };
    const auto file = tr("File"), edit = tr("Edit"), chat = tr("Chat"), model = tr("Model"), help = tr("Help");

    add(Menu::File, "file.new", file, tr("&New conversation"), QKeySequence::New,
        [this] { m_chatPanel->newConversation(); });
    add(Menu::File, "file.attach", file, tr("&Attach a document…"), keys("Ctrl+Shift+A"),
        [this] { m_chatPanel->attachFiles(); });
    m_window->addSeparator(Menu::File);
    add(Menu::File, "file.export.markdown", file, tr("Export as &Markdown…"), {},
        [this] { m_chatPanel->exportMarkdown(); });
    add(Menu::File, "file.export.json", file, tr("Export as &JSON…"), {}, [this] { m_chatPanel->exportJson(); });
    m_window->addSeparator(Menu::File);
    add(Menu::File, "file.quit", file, tr("&Quit"), QKeySequence::Quit, [this] { m_window->close(); });

    add(Menu::Edit, "edit.search", edit, tr("Search &conversations"), keys("Ctrl+Shift+F"),
        [this] { m_chatPanel->focusSearch(); });
    add(Menu::Edit, "edit.undo.delete", edit, tr("&Undo delete"), keys("Ctrl+Alt+Z"),
        [this] { m_chatPanel->undoDelete(); });

    add(Menu::Chat, "chat.compose", chat, tr("&Write a message"), keys("Ctrl+L"),
        [this] { m_chatPanel->focusComposer(); });
    add(Menu::Chat, "chat.stop", chat, tr("&Stop the answer"), keys("Ctrl+."), [this] { m_chatPanel->stop(); });
    add(Menu::Chat, "chat.regenerate", chat, tr("&Regenerate the answer"), keys("Ctrl+R"),
        [this] { m_chatPanel->regenerate(); });
    add(Menu::Chat, "chat.edit", chat, tr("&Edit the last question"), keys("Ctrl+Up"),
        [this] { m_chatPanel->editLast(); });
    add(Menu::Chat, "chat.copy", chat, tr("&Copy the last answer"), keys("Ctrl+Shift+C"),
        [this] { m_chatPanel->copyLastAnswer(); });
    add(Menu::Chat, "chat.delete", chat, tr("&Delete the last turn"), {}, [this] { m_chatPanel->deleteLast(); });
    add(Menu::Chat, "chat.version.older", chat, tr("&Older version"), keys("Alt+Left"),
        [this] { m_chatPanel->olderVersion(); });
    add(Menu::Chat, "chat.version.newer", chat, tr("Newe&r version"), keys("Alt+Right"),
        [this] { m_chatPanel->newerVersion(); });
    add(Menu::Chat, "chat.latest", chat, tr("&Jump to the latest"), keys("Ctrl+J"),
        [this] { m_chatPanel->jumpToLatest(); });
    m_window->addSeparator(Menu::Chat);
    add(Menu::Chat, "chat.settings", chat, tr("Sampling and &thinking…"), keys("Ctrl+Shift+S"),
        [this] { m_chatPanel->openSettings(); });
    m_window->addSeparator(Menu::Chat);
    add(Menu::Chat, "inspect.replay", chat, tr("Re&play the answer in the inspector"), keys("Ctrl+Alt+R"),
        [this] { m_chatPanel->replay(); });
    add(Menu::Chat, "inspect.previous", chat, tr("Select the token &before"), keys("Ctrl+Left"),
        [this] { m_selection->step(-1); });
    add(Menu::Chat, "inspect.next", chat, tr("Select the token &after"), keys("Ctrl+Right"),
        [this] { m_selection->step(1); });
    add(Menu::Chat, "inspect.newest", chat, tr("&Follow the newest token"), keys("Ctrl+End"),
        [this] { m_selection->followNewest(); });

    add(Menu::Model, "model.library", model, tr("Choose from the &library"), keys("Ctrl+Shift+L"), [this] {
        m_window->showPanel(QStringLiteral("models"));
        m_modelsPanel->showLibrary();
    });
    add(Menu::Model, "model.open.folder", model, tr("Open a &folder…"), QKeySequence::Open,
        [this] { m_modelsPanel->chooseFolder(); });
    add(Menu::Model, "model.open.file", model, tr("Open a fi&le…"), keys("Ctrl+Shift+O"),
        [this] { m_modelsPanel->chooseFile(); });
    add(Menu::Model, "model.open.bundled", model, tr("Open the &bundled checkpoint"), {},
        [this] { m_modelsPanel->openBundled(); });
    m_window->addSeparator(Menu::Model);
    add(Menu::Model, "model.unload", model, tr("&Unload"), {}, [this] { m_model->unload(); });
    add(Menu::Model, "model.restart", model, tr("&Restart the engine"), {}, [this] { m_model->restart(); });

    add(Menu::Help, "help.shortcuts", help, tr("&Keyboard shortcuts…"), keys("F1"),
        [this] { m_window->openSettings(shell::SettingsDialog::Page::Shortcuts); });
    add(Menu::Help, "help.sample", help, tr("Open the &sample document"), {}, [this] { m_chatPanel->openSample(); });
    m_window->addSeparator(Menu::Help);
    add(Menu::Help, "help.about", help, tr("&About Bathyscope"), {},
        [this] { shell::AboutDialog(diagnostics(), m_window.get()).exec(); });
}

void Workbench::addOverlay() {
    m_performance =
        std::make_unique<shell::PerformancePage>([this]() -> const models::EngineStats& { return m_runs->stats(); });
    m_overlay = new shell::ImGuiOverlay([this] { m_performance->draw(m_overlay->lastFrameMs()); }, m_window.get());
    auto* action = m_window->addAction(shell::MainWindow::Menu::View,
                                       {QStringLiteral("view.overlay"),
                                        tr("View"),
                                        tr("&Performance overlay"),
                                        QKeySequence(QStringLiteral("F12")),
                                        {},
                                        true},
                                       [this] { m_overlay->setOpen(!m_overlay->isOpen()); });
    connect(m_overlay, &shell::ImGuiOverlay::openChanged, action, &QAction::setChecked);
}

void Workbench::inspect(GenerationId generation) {
    if (const auto run = m_runs->snapshot())
        for (const auto& answer : run->answers)
            if (answer.generation == generation)
                return inspectAnswer(answer);
    m_chat->showOwnRun(); // the panels show a replay
    m_window->workspaces().switchTo(shell::Workspace::Inspect);
}

void Workbench::inspectAnswer(const models::AnswerRange& answer) {
    m_window->workspaces().switchTo(shell::Workspace::Inspect);
    m_selection->selectToken(answer.begin);
}

// In English, for those who are asked for help. No path: it may hold somebody's name.
QStringList Workbench::diagnostics() const {
    using Link = bridge::EngineLink::State;
    const auto state = m_link->state();
    QStringList lines{state == Link::Running   ? QStringLiteral("Engine: runs")
                      : state == Link::Stopped ? QStringLiteral("Engine: not started")
                                               : QStringLiteral("Engine: ended, ") + m_link->deathReason()};
    if (const auto& card = m_model->card()) {
        QStringList types;
        for (const auto& [type, bytes] : card->bytesByDtype)
            types << QString::fromStdString(type);
        lines << QStringLiteral("Model: %1, %2, fingerprint %3, %4")
                     .arg(QString::fromStdString(card->name), QString::fromStdString(card->family),
                          QString::fromStdString(card->fingerprint), types.join(QLatin1Char(' ')));
    }
    if (const auto resident = m_runs->stats().memory.residentBytes; resident > 0)
        lines << QStringLiteral("Engine memory: %1").arg(QLocale::c().formattedDataSize(static_cast<qint64>(resident)));
    for (const auto& device : m_devices.devices) {
        QStringList features;
        for (const auto& feature : device.features)
            features << QString::fromStdString(feature);
        lines << QStringLiteral("Device %1: %2, %3 %4")
                     .arg(QString::fromStdString(device.id), QString::fromStdString(device.name),
                          device.usable ? QStringLiteral("usable")
                                        : QStringLiteral("not usable: ") + QString::fromStdString(device.reason),
                          features.join(QLatin1Char(' ')))
                     .trimmed();
    }
    return lines;
}

void Workbench::updateStatus() {
    using State = models::ModelPresenter::State;
    QString model;
    switch (m_model->state()) {
    case State::Empty:
        model = tr("No model");
        break;
    case State::Loading:
        model = tr("Loading %1").arg(m_model->displayName());
        break;
    case State::Stopping:
        model = tr("Stopping");
        break;
    case State::Loaded:
        model = m_model->displayName();
        break;
    case State::Failed:
        model = tr("Model not opened");
        break;
    case State::EngineDead:
        model = tr("Engine stopped");
        break;
    }
    QString memory;
    if (const auto resident = m_runs->stats().memory.residentBytes; resident > 0)
        memory = tr("Engine memory %1").arg(QLocale().formattedDataSize(static_cast<qint64>(resident)));
    m_window->setStatus(model, m_model->state() == State::Loaded ? tr("CPU") : QString(), memory);
}

void Workbench::start() {
    m_window->show();
    const auto& opening = m_storage->opening();
    if (!opening.setAside.isEmpty())
        QMessageBox::warning(
            m_window.get(), tr("Conversations could not be read"),
            tr("The file of conversations is damaged. It was moved to\n%1\nand an empty one takes its place.")
                .arg(opening.setAside));
    if (opening.recoveredAnswers == 1)
        m_chatPanel->notify(
            tr("An answer was being written when the program last ended. It is kept as far as it came."));
    else if (opening.recoveredAnswers > 1)
        m_chatPanel->notify(
            tr("%1 answers were being written when the program last ended. They are kept as far as they came.")
                .arg(opening.recoveredAnswers));
    const auto recent = m_model->recent();
    m_model->open(!m_options.model.isEmpty() ? m_options.model
                  : recent.isEmpty()         ? models::ModelPresenter::bundledPath()
                                             : recent.first());
    m_chatPanel->focusComposer();
}

} // namespace bathy::workbench
