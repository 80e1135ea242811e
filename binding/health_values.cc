// SPDX-License-Identifier: MIT
#include "binding/health_values.h"

#include "binding/values.h"

namespace pw::binding {

Napi::Array boot_log_to_js(Napi::Env env, const BootLog& log) {
  return list_to_js(env, log, [env](const BootStep& step) {
    Napi::Object object = Napi::Object::New(env);
    object["name"] = to_js(env, step.name);
    object["made"] = to_js(env, std::string_view(step.made));
    object["hostNanoseconds"] = to_js(env, step.host_ns);
    return object;
  });
}

Napi::Array health_to_js(Napi::Env env, const HealthReport& report) {
  return list_to_js(env, report, [env](const HealthCheck& check) {
    Napi::Object object = Napi::Object::New(env);
    object["name"] = to_js(env, check.name);
    object["checked"] = to_js(env, check.checked);
    object["unit"] = to_js(env, check.counted);
    object["problems"] = to_js(env, check.problems);
    return object;
  });
}

}  // namespace pw::binding
