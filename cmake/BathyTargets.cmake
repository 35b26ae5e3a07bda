# One helper per kind of target. Every target of the project is made by one of these, so that the language standard, the
# warnings and the sanitizers are set in one place. Sources are listed by hand: a file that is not listed is not built.

add_library(bathy_build_flags INTERFACE)
target_compile_features(bathy_build_flags INTERFACE cxx_std_20)
target_include_directories(bathy_build_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(bathy_build_flags INTERFACE
    -Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wunused -Wcast-qual -Wvla
    -Werror=return-type -Werror=unused-result -Werror=unused-variable -Werror=unused-parameter -Werror=unused-function
    -Werror=shadow -Werror=switch -Werror=reorder -Werror=uninitialized -Werror=format -Werror=non-virtual-dtor
    -Werror=overloaded-virtual -Werror=sign-compare
    # Numbers must not depend on how the compiler felt: a fused multiply-add is written where it is meant.
    -ffp-contract=off
    # What ships must not depend on the folder it was built in.
    $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>)
if(BATHY_ASSERTIONS)
    target_compile_options(bathy_build_flags INTERFACE -UNDEBUG)
    target_compile_definitions(bathy_build_flags INTERFACE BATHY_ASSERTIONS=1)
endif()
if(BATHY_SANITIZE)
    target_compile_options(bathy_build_flags INTERFACE -fsanitize=${BATHY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    # Instrumented code makes GCC see uninitialised values in its own library (std::regex).
    target_compile_options(bathy_build_flags INTERFACE -Wno-error=uninitialized -Wno-uninitialized $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(bathy_build_flags INTERFACE -fsanitize=${BATHY_SANITIZE})
    target_compile_definitions(bathy_build_flags INTERFACE BATHY_SANITIZED=1)
endif()

# Programs that start others through Qt can be looked at by ThreadSanitizer afterwards, too.
function(bathy_watch_process_starts target)
    if("${BATHY_SANITIZE}" MATCHES "thread")
        set(source ${PROJECT_SOURCE_DIR}/tests/support/tsan_clone.cpp)
        target_sources(${target} PRIVATE ${source})
        set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)
    endif()
endfunction()

if(BATHY_FUZZ)
    # The parsers live in libraries: without this the fuzzer would not see which of their branches an input reached.
    target_compile_options(bathy_build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# bathy_library(<name> SOURCES ... [DEPS ...] [PRIVATE_DEPS ...]): static library bathy_<name>, alias bathy::<name>.
function(bathy_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
    add_library(bathy_${name} STATIC ${arg_SOURCES})
    add_library(bathy::${name} ALIAS bathy_${name})
    set_target_properties(bathy_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(bathy_${name} PUBLIC bathy_build_flags ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
endfunction()

# bathy_qt_library(...): the same with moc, rcc and the keyword macros switched off.
function(bathy_qt_library name)
    bathy_library(${name} ${ARGN})
    set_target_properties(bathy_${name} PROPERTIES AUTOMOC ON AUTORCC ON)
    target_compile_definitions(bathy_${name} PUBLIC QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII)
endfunction()

# bathy_program(<name> SOURCES ... [DEPS ...])
function(bathy_program name)
    cmake_parse_arguments(arg "QT" "" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE bathy_build_flags ${arg_DEPS})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
    if(arg_QT)
        set_target_properties(${name} PROPERTIES AUTOMOC ON AUTORCC ON)
        target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII)
        bathy_watch_process_starts(${name})
    endif()
endfunction()

# bathy_test(<name> SOURCES ... [DEPS ...] [LABELS ...]): one GoogleTest program per folder of tests/, one ctest entry.
function(bathy_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LABELS" ${ARGN})
    add_executable(test_${name} ${arg_SOURCES})
    target_link_libraries(test_${name} PRIVATE bathy_build_flags ${arg_DEPS} GTest::gmock GTest::gtest_main)
    target_compile_definitions(test_${name} PRIVATE BATHY_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BATHY_BINARY_DIR="${PROJECT_BINARY_DIR}")
    set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}" ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()

# bathy_qt_test(<name> SOURCES ... [DEPS ...] [LABELS ...]): Qt Test; every source has one QObject and its own main is in the last one.
function(bathy_qt_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LABELS" ${ARGN})
    add_executable(test_${name} ${arg_SOURCES})
    set_target_properties(test_${name} PROPERTIES AUTOMOC ON AUTORCC ON RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    target_link_libraries(test_${name} PRIVATE bathy_build_flags ${arg_DEPS} Qt6::Test)
    bathy_watch_process_starts(test_${name})
    target_compile_definitions(test_${name} PRIVATE QT_NO_KEYWORDS BATHY_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BATHY_BINARY_DIR="${PROJECT_BINARY_DIR}")
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES LABELS "gui;${arg_LABELS}" ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()

# bathy_fuzzer(<name> SOURCES ... [DEPS ...] CORPUS <folder>): with BATHY_FUZZ a libFuzzer program fuzz_<name>; without it a
# test that feeds every file of the corpus once through the same entry point.
function(bathy_fuzzer name)
    cmake_parse_arguments(arg "" "CORPUS" "SOURCES;DEPS" ${ARGN})
    if(BATHY_FUZZ)
        add_executable(fuzz_${name} ${arg_SOURCES})
        target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(fuzz_${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/fuzz_replay_main.cpp)
        add_test(NAME fuzz_${name}_corpus COMMAND fuzz_${name} ${arg_CORPUS})
        set_tests_properties(fuzz_${name}_corpus PROPERTIES LABELS "unit;fuzz")
    endif()
    target_link_libraries(fuzz_${name} PRIVATE bathy_build_flags ${arg_DEPS})
    set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
endfunction()
