// SPDX-License-Identifier: MIT
// Reads the golden documents: a JSON object as a map from dotted paths to its numbers and strings.
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace pw::test {

using FlatJson = std::map<std::string, std::string>;

class FlatJsonParser {
 public:
  explicit FlatJsonParser(std::string text) : text_(std::move(text)) {}
  FlatJson parse() {
    value("");
    return std::move(out_);
  }

 private:
  void space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool take(char c) {
    space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string string() {
    std::string s;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') ++at_;
      s += text_[at_++];
    }
    ++at_;
    return s;
  }
  void value(const std::string& path) {
    if (take('{')) {
      while (take('"')) {
        const std::string key = string();
        take(':');
        value(path.empty() ? key : path + "." + key);
        take(',');
      }
      take('}');
    } else if (take('"')) {
      out_[path] = string();
    } else {
      space();
      while (at_ < text_.size() && std::string("0123456789.-+eE").find(text_[at_]) != std::string::npos) {
        out_[path] += text_[at_++];
      }
    }
  }

  std::string text_;
  std::size_t at_ = 0;
  FlatJson out_;
};

inline FlatJson read_flat_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return FlatJsonParser(text.str()).parse();
}

}  // namespace pw::test
