# What `cmake --install` puts in place, and how other projects find it: with pkg-config (umaser.pc)
# or with find_package(umaser), which gives umaser::umaser. Headers only need the C library, so the
# packages underneath are named for static linking alone.
include(CMakePackageConfigHelpers)

install(TARGETS umaser_shared EXPORT umaserTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(TARGETS umaser_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/umaser DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")
if(TARGET umaser_cli)
  install(TARGETS umaser_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()

# Written by hand or not there: nothing is generated at install time.
macro(um_install_if_there source destination name)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${source})
    install(FILES ${source} DESTINATION ${destination} RENAME ${name} COMPONENT program)
  endif()
endmacro()
um_install_if_there(docs/man/umaser.1 ${CMAKE_INSTALL_MANDIR}/man1 umaser.1)
um_install_if_there(docs/completion/umaser.bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions umaser)
um_install_if_there(docs/completion/_umaser ${CMAKE_INSTALL_DATADIR}/zsh/site-functions _umaser)
um_install_if_there(docs/completion/umaser.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d umaser.fish)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT library)

file(RELATIVE_PATH UM_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/umaser.pc.in umaser.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/umaser.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/umaser)
configure_package_config_file(cmake/umaserConfig.cmake.in umaserConfig.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(umaserConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/umaserConfig.cmake ${PROJECT_BINARY_DIR}/umaserConfigVersion.cmake
  DESTINATION ${package} COMPONENT development)
install(EXPORT umaserTargets NAMESPACE umaser:: DESTINATION ${package} COMPONENT development)
