#include "tests/support/npy.h"

#include <cstring>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>

namespace bathy::test {

Matrix readNpy(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    const std::string bytes = content.str();
    const std::string where = path.string() + ": ";
    if (bytes.size() < 10 || bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0)
        throw std::runtime_error(where + "not a version 1 .npy file");
    const std::size_t headerBytes = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
    const std::string header = bytes.substr(10, headerBytes);
    std::smatch shape;
    if (header.find("'descr': '<f4'") == std::string::npos ||
        header.find("'fortran_order': False") == std::string::npos ||
        !std::regex_search(header, shape, std::regex(R"('shape': \((\d+), (\d+)\))")))
        throw std::runtime_error(where + "no float32 matrix: " + header);
    Matrix matrix;
    matrix.rows = std::stoll(shape[1]);
    matrix.cols = std::stoll(shape[2]);
    matrix.values.resize(static_cast<std::size_t>(matrix.rows * matrix.cols));
    if (bytes.size() != 10 + headerBytes + matrix.values.size() * sizeof(float))
        throw std::runtime_error(where + "wrong size");
    std::memcpy(matrix.values.data(), bytes.data() + 10 + headerBytes, matrix.values.size() * sizeof(float));
    return matrix;
}

} // namespace bathy::test
