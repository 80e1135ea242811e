# Included after project() when prebuilt binaries are made: libraries are then found as static archives only.
if(UNIX)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
