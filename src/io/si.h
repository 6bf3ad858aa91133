/* The numbers of a result in SI units, beside those in natural units. */
#ifndef UMI_IO_SI_H
#define UMI_IO_SI_H

#include "io/json.h"
#include "io/netcdf_writer.h"
#include "umaser/steady.h"

/* One column more: a series, or the time (from NULL), in another unit. */
typedef struct umi_si_column {
    char name[64];       /* energy_joule */
    const char *units;   /* J, eV, s, W */
    const double *from;  /* of the result */
    double factor;
} umi_si_column;

enum { UMI_SI_COLUMNS = UM_QUANTITY_COUNT + 2 };

/* Those of a result: none without a scale; returns how many. */
size_t umi_si_columns(const um_result *result, umi_si_column columns[UMI_SI_COLUMNS]);

/* The object "si"; nothing without a scale. */
void umi_json_si(umi_json *json, const um_result *result);

/* The object "si" of a steady analysis; nothing without a scale. */
void umi_json_si_steady(umi_json *json, const um_steady *steady);

/* A variable for each column. */
um_status umi_netcdf_define_si(umi_netcdf_writer *w);

#endif
