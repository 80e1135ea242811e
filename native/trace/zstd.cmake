# zstd as the target pw_zstd: compiled from sources that binding/fetch-zstd.cjs unpacks, else the system's
# library, else absent, and then traces and packed files in zstd are refused with a clear error.
set(PAGEWALK_ZSTD_SOURCE "${CMAKE_SOURCE_DIR}/build/deps/zstd/lib" CACHE PATH "Folder of zstd's C sources (zstd.h)")

if(EXISTS "${PAGEWALK_ZSTD_SOURCE}/zstd.h")
  file(GLOB ZSTD_SOURCES CONFIGURE_DEPENDS
    "${PAGEWALK_ZSTD_SOURCE}/common/*.c" "${PAGEWALK_ZSTD_SOURCE}/compress/*.c" "${PAGEWALK_ZSTD_SOURCE}/decompress/*.c")
  add_library(pw_zstd STATIC ${ZSTD_SOURCES})
  target_include_directories(pw_zstd SYSTEM PUBLIC "${PAGEWALK_ZSTD_SOURCE}")
  # Hidden, so that an addon built with it does not clash with another copy in the process.
  target_compile_definitions(pw_zstd PRIVATE ZSTD_DISABLE_ASM ZSTDLIB_VISIBLE= ZSTDERRORLIB_VISIBLE= XXH_NAMESPACE=pw_zstd_)
  if(MSVC)
    target_compile_options(pw_zstd PRIVATE /O2 /w)
  else()
    target_compile_options(pw_zstd PRIVATE -O3 -w)
  endif()
  message(STATUS "zstd: compiled from ${PAGEWALK_ZSTD_SOURCE}")
else()
  find_path(ZSTD_INCLUDE_DIR zstd.h)
  find_library(ZSTD_LIBRARY zstd)
  if(ZSTD_INCLUDE_DIR AND ZSTD_LIBRARY)
    add_library(pw_zstd INTERFACE)
    target_include_directories(pw_zstd SYSTEM INTERFACE "${ZSTD_INCLUDE_DIR}")
    target_link_libraries(pw_zstd INTERFACE "${ZSTD_LIBRARY}")
    message(STATUS "zstd: ${ZSTD_LIBRARY}")
  else()
    message(STATUS "zstd: not found, so .zst traces cannot be read (node binding/fetch-zstd.cjs fetches its sources)")
  endif()
endif()
