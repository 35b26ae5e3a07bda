#include "engine/tokenizer/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace bathy::tokenizer {
namespace {

constexpr std::size_t kMaxPatternBytes = 8192;
constexpr std::uint32_t kMatchLimit = 20'000'000; // steps of one match; under a second
constexpr std::uint32_t kHeapLimitKib = 256 * 1024;
constexpr std::size_t kJitStackStart = 32 * 1024;
constexpr std::size_t kJitStackMax = 16 * 1024 * 1024;

std::string pcreMessage(int code) {
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

} // namespace

struct Regex::Code {
    pcre2_code* code = nullptr;
    bool jit = false;
    ~Code() { pcre2_code_free(code); }
};

struct Regex::Scratch::Impl {
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
    pcre2_jit_stack* stack = pcre2_jit_stack_create(kJitStackStart, kJitStackMax, nullptr);

    Impl() {
        pcre2_set_match_limit(context, kMatchLimit);
        pcre2_set_heap_limit(context, kHeapLimitKib);
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
    ~Impl() {
        pcre2_jit_stack_free(stack);
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
    }
};

Regex::Scratch::Scratch() : m_impl(std::make_unique<Impl>()) {}
Regex::Scratch::~Scratch() = default;

Regex::Regex(std::unique_ptr<Code> code) : m_code(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern) {
    if (pattern.size() > kMaxPatternBytes)
        return Error(ErrorCode::Unsupported, "a pattern of " + std::to_string(pattern.size()) + " bytes, more than " +
                                                 std::to_string(kMaxPatternBytes));
    const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
        pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int error = 0;
    PCRE2_SIZE offset = 0;
    auto code = std::make_unique<Code>();
    code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP,
                               &error, &offset, context.get());
    if (!code->code)
        return Error(ErrorCode::BadFile, "pattern: " + pcreMessage(error) + " at byte " + std::to_string(offset));
    code->jit = pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE) == 0;
    return Regex(std::move(code));
}

Result<std::optional<Match>> Regex::find(std::string_view text, std::size_t from, Scratch& scratch) const {
    const auto subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    auto& with = *scratch.m_impl;
    int found = PCRE2_ERROR_JIT_STACKLIMIT;
    if (m_code->jit)
        found = pcre2_jit_match(m_code->code, subject, text.size(), from, 0, with.data, with.context);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) // the interpreter keeps its frames on the heap
        found = pcre2_match(m_code->code, subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, with.data,
                            with.context);
    if (found == PCRE2_ERROR_NOMATCH)
        return std::optional<Match>{};
    if (found < 0)
        return Error(ErrorCode::BadFile, "a pattern gives up on this text: " + pcreMessage(found));
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(with.data);
    return std::optional<Match>{Match{ends[0], ends[1]}};
}

} // namespace bathy::tokenizer
