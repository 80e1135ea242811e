# zstd as the target pw_zstd: compiled from sources that binding/fetch-sources.cjs unpacks, else the system's
# library, else absent, and then traces and packed files in zstd are refused with a clear error.
set(PAGEWALK_ZSTD_SOURCE "${CMAKE_SOURCE_DIR}/build/deps/zstd/lib" CACHE PATH "Folder of zstd's C sources (zstd.h)")

if(EXISTS "${PAGEWALK_ZSTD_SOURCE}/zstd.h")
  file(GLOB ZSTD_SOURCES CONFIGURE_DEPENDS
    "${PAGEWALK_ZSTD_SOURCE}/common/*.c" "${PAGEWALK_ZSTD_SOURCE}/compress/*.c" "${PAGEWALK_ZSTD_SOURCE}/decompress/*.c")
  # Packed traces are written at one level, whose strategy is dfast, at once and without a dictionary; what zstd can do
  # beyond is left out. Where it names the rest in tables by strategy and by dictionary, dfast without one stands in.
  list(FILTER ZSTD_SOURCES EXCLUDE REGEX "compress/zstd_fast\\.c$")
  add_library(pw_zstd STATIC ${ZSTD_SOURCES})
  target_include_directories(pw_zstd SYSTEM PUBLIC "${PAGEWALK_ZSTD_SOURCE}")
  # Hidden, so that an addon built with it does not clash with another copy in the process.
  target_compile_definitions(pw_zstd PRIVATE ZSTD_DISABLE_ASM ZSTDLIB_VISIBLE= ZSTDERRORLIB_VISIBLE= XXH_NAMESPACE=pw_zstd_)
  foreach(STRATEGY GREEDY LAZY LAZY2 BTLAZY2 BTOPT BTULTRA)
    target_compile_definitions(pw_zstd PRIVATE ZSTD_EXCLUDE_${STRATEGY}_BLOCK_COMPRESSOR)
  endforeach()
  target_compile_definitions(pw_zstd PRIVATE ZSTD_fillHashTable=ZSTD_fillDoubleHashTable)
  foreach(OTHER fast fast_extDict fast_dictMatchState doubleFast_extDict doubleFast_dictMatchState)
    set_property(SOURCE "${PAGEWALK_ZSTD_SOURCE}/compress/zstd_compress.c" APPEND PROPERTY COMPILE_DEFINITIONS
      ZSTD_compressBlock_${OTHER}=ZSTD_compressBlock_doubleFast)
  endforeach()
  # One decoder of literals and one of sequences, where zstd would choose by the processor and its guess of their speed.
  target_compile_definitions(pw_zstd PRIVATE
    DYNAMIC_BMI2=0 HUF_FORCE_DECOMPRESS_X1 ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT)
  if(MSVC)
    target_compile_options(pw_zstd PRIVATE /O2 /w)
  else()
    target_compile_options(pw_zstd PRIVATE $<$<CONFIG:Release>:-O2> -w -ffunction-sections -fdata-sections
      -fno-asynchronous-unwind-tables)
    file(GLOB ZSTD_COMPRESSION "${PAGEWALK_ZSTD_SOURCE}/compress/*.c")
    set_property(SOURCE ${ZSTD_COMPRESSION} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
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
    message(STATUS "zstd: not found, so .zst traces cannot be read (node binding/fetch-sources.cjs zstd fetches its sources)")
  endif()
endif()
