// A program to be killed: loads a model, asks one question and prints how many characters of the answer it has seen,
// a line at a time. Arguments: FOLDER MODEL HOST [HOST_ARGUMENTS…].
#include "tests/support/chat_stack.h"

#include <QCoreApplication>

#include <cstdio>

int main(int argc, char** argv) {
    using namespace bathy;
    QCoreApplication app(argc, argv);
    const auto arguments = QCoreApplication::arguments();
    if (arguments.size() < 4)
        return 2;
    tests::ChatStack stack(arguments.at(1), arguments.at(3), arguments.mid(4));
    QObject::connect(&stack.model, &models::ModelPresenter::stateChanged, [&] {
        if (stack.model.state() == models::ModelPresenter::State::Loaded)
            stack.chat.send(QStringLiteral("Tell me a long story."));
    });
    QObject::connect(&stack.chat, &models::ChatPresenter::messageGrew, [&](storage::MessageId id) {
        std::printf("%lld\n", static_cast<long long>(stack.chat.conversation().find(id)->content.size()));
        std::fflush(stdout);
    });
    stack.model.open(arguments.at(2));
    return QCoreApplication::exec();
}
