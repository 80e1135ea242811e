# Zig's compiler with its own C and C++ libraries. ZIG_TOOLS is a folder with cc, c++, ar and ranlib for one target.
set(CMAKE_SYSTEM_NAME ${ZIG_SYSTEM})
set(CMAKE_SYSTEM_PROCESSOR ${ZIG_PROCESSOR})
set(CMAKE_C_COMPILER ${ZIG_TOOLS}/cc)
set(CMAKE_CXX_COMPILER ${ZIG_TOOLS}/c++)
# Zig adds what debuggers read unless it is told not to.
set(CMAKE_C_FLAGS_INIT -g0)
# libc++ makes a class with a table of ten functions for each std::function unless told that nobody else shares them.
set(CMAKE_CXX_FLAGS_INIT "-g0 -D_LIBCPP_ABI_OPTIMIZED_FUNCTION")
set(CMAKE_AR ${ZIG_TOOLS}/ar)
set(CMAKE_RANLIB ${ZIG_TOOLS}/ranlib)
set(PAGEWALK_STATIC_CXX ON)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ZIG_TOOLS ZIG_SYSTEM ZIG_PROCESSOR)
