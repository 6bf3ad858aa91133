# One word for what the last digits of a number depend on: sources, compiler, options.
#   cmake -DROOT=... -DOPTIONS=... -DOUTPUT=... -P build_name.cmake
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/src/*.c ${ROOT}/src/*.h ${ROOT}/include/*.h)
list(APPEND files CMakeLists.txt)
list(SORT files)
set(all "${OPTIONS}")
foreach(file IN LISTS files)
  file(SHA256 ${ROOT}/${file} sum)
  string(APPEND all " ${file} ${sum}")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING ${digest} 0 16 digest)
file(WRITE ${OUTPUT} "#include \"io/build.h\"\n\nconst char umi_build_name[] = \"${digest}\";\n")
