# liblzma as the target pw_xz: the system's library or, in portable builds, its decoder compiled from sources that
# binding/fetch-sources.cjs unpacks; else absent, and then traces in xz are refused with a clear error.
set(PAGEWALK_XZ_SOURCE "${CMAKE_SOURCE_DIR}/build/deps/xz/src" CACHE PATH "Folder of xz's C sources (liblzma/)")

if(PAGEWALK_PORTABLE AND EXISTS "${PAGEWALK_XZ_SOURCE}/liblzma/api/lzma.h")
  set(XZ_FOLDER "${PAGEWALK_XZ_SOURCE}/liblzma")
  file(GLOB XZ_SOURCES CONFIGURE_DEPENDS "${XZ_FOLDER}/simple/*.c")
  list(FILTER XZ_SOURCES EXCLUDE REGEX "encoder\\.c$")
  foreach(NAME check/check check/crc32_fast check/crc32_table check/crc64_fast check/crc64_table check/sha256
      common/common common/block_decoder common/block_header_decoder common/block_util common/filter_common
      common/filter_decoder common/filter_flags_decoder common/index_hash common/stream_decoder
      common/stream_flags_common common/stream_flags_decoder common/vli_decoder common/vli_size
      delta/delta_common delta/delta_decoder lz/lz_decoder lzma/lzma2_decoder lzma/lzma_decoder)
    list(APPEND XZ_SOURCES "${XZ_FOLDER}/${NAME}.c")
  endforeach()
  add_library(pw_xz STATIC ${XZ_SOURCES})
  set_target_properties(pw_xz PROPERTIES C_STANDARD 11)
  target_include_directories(pw_xz SYSTEM PUBLIC "${XZ_FOLDER}/api")
  target_include_directories(pw_xz PRIVATE "${PAGEWALK_XZ_SOURCE}/common" "${XZ_FOLDER}/common" "${XZ_FOLDER}/check"
    "${XZ_FOLDER}/lz" "${XZ_FOLDER}/rangecoder" "${XZ_FOLDER}/lzma" "${XZ_FOLDER}/delta" "${XZ_FOLDER}/simple")
  target_compile_definitions(pw_xz PUBLIC LZMA_API_STATIC PRIVATE TUKLIB_SYMBOL_PREFIX=lzma_ SIZEOF_SIZE_T=8
    TUKLIB_FAST_UNALIGNED_ACCESS NDEBUG HAVE__BOOL HAVE_VISIBILITY=0 HAVE_STDBOOL_H HAVE_STDINT_H HAVE_INTTYPES_H
    HAVE_LIMITS_H HAVE_STRING_H HAVE_CHECK_CRC32 HAVE_CHECK_CRC64 HAVE_CHECK_SHA256 HAVE_DECODERS)
  foreach(FILTER LZMA1 LZMA2 DELTA X86 ARM ARMTHUMB IA64 POWERPC SPARC)
    target_compile_definitions(pw_xz PRIVATE HAVE_DECODER_${FILTER})
  endforeach()
  if(MSVC)
    target_compile_options(pw_xz PRIVATE /O2 /w)
  else()
    target_compile_options(pw_xz PRIVATE $<$<CONFIG:Release>:-O2> -w -ffunction-sections -fdata-sections
      -fno-asynchronous-unwind-tables)
  endif()
  message(STATUS "xz: compiled from ${PAGEWALK_XZ_SOURCE}")
else()
  find_package(LibLZMA)
  if(LIBLZMA_FOUND)
    add_library(pw_xz INTERFACE)
    target_link_libraries(pw_xz INTERFACE LibLZMA::LibLZMA)
    message(STATUS "xz: ${LIBLZMA_LIBRARIES}")
  else()
    message(STATUS "xz: liblzma not found, so .xz traces cannot be read (liblzma-dev)")
  endif()
endif()
