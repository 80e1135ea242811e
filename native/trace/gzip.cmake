# zlib as the target pw_gzip: the system's library or, in portable builds, its inflater compiled from sources that
# binding/fetch-sources.cjs unpacks; else absent, and then traces in gzip are refused with a clear error.
set(PAGEWALK_ZLIB_SOURCE "${CMAKE_SOURCE_DIR}/build/deps/zlib" CACHE PATH "Folder of zlib's C sources (zlib.h)")

if(PAGEWALK_PORTABLE AND EXISTS "${PAGEWALK_ZLIB_SOURCE}/zlib.h")
  add_library(pw_gzip STATIC)
  foreach(NAME adler32 crc32 inffast inflate inftrees zutil)
    target_sources(pw_gzip PRIVATE "${PAGEWALK_ZLIB_SOURCE}/${NAME}.c")
  endforeach()
  target_include_directories(pw_gzip SYSTEM PUBLIC "${PAGEWALK_ZLIB_SOURCE}")
  # Prefixed, so that an addon built with it does not clash with another copy in the process.
  target_compile_definitions(pw_gzip PUBLIC Z_PREFIX)
  if(MSVC)
    target_compile_options(pw_gzip PRIVATE /O2 /w)
  else()
    target_compile_options(pw_gzip PRIVATE $<$<CONFIG:Release>:-O2> -w -ffunction-sections -fdata-sections
      -fno-asynchronous-unwind-tables)
  endif()
  message(STATUS "gzip: compiled from ${PAGEWALK_ZLIB_SOURCE}")
else()
  find_package(ZLIB)
  if(ZLIB_FOUND)
    add_library(pw_gzip INTERFACE)
    target_link_libraries(pw_gzip INTERFACE ZLIB::ZLIB)
    message(STATUS "gzip: ${ZLIB_LIBRARIES}")
  else()
    message(STATUS "gzip: zlib not found, so .gz traces cannot be read (zlib1g-dev)")
  endif()
endif()
