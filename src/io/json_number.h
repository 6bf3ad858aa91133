/* json_number: doubles as the shortest decimal that reads back to the same bits. */
#ifndef UMI_IO_JSON_NUMBER_H
#define UMI_IO_JSON_NUMBER_H

#include <stddef.h>

enum { UMI_NUMBER_ROOM = 32 };

/* Text of a finite value; returns its length, or 0 (empty text) for NAN and infinities, which
 * neither JSON nor our CSV has. The caller has entered the C locale. */
int umi_number_format(double value, char text[UMI_NUMBER_ROOM]);

#endif
