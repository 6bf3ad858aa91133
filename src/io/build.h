/* build, inside io: what files name that are gone on with to the last bit. */
#ifndef UMI_IO_BUILD_H
#define UMI_IO_BUILD_H

/* Names what the last digits depend on besides the kernels: sources, compiler, options (cmake/build_name.cmake). */
extern const char umi_build_name[];

#endif
