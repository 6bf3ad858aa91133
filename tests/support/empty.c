/* Keeps the library from being empty. */
typedef int um_test_support_empty;
