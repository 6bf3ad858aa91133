/* A steady analysis as one CSV table: plateau, limit, chambers, modes; a line each. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "io/file.h"
#include "io/json_number.h"
#include "umaser/io.h"

/* Every column; a line fills those that it has. */
enum column {
    KIND,
    STATUS,
    FIRST,
    LAST,
    EXACT,
    OPEN,
    POPULATION,
    ENERGY,
    ERGOTROPY,
    PURITY,
    COLLISION,
    LEAK,
    LEAK_DOWN,
    LEAK_ERROR,
    LIFETIME,
    RE,
    IM,
    MODULUS,
    DECAY,
    RELAXATION,
    ERROR,
    MULTIPLICITY,
    METHOD,
    COLUMNS
};
static const char *const names[COLUMNS] = {
    "kind",       "status",     "first",     "last",         "exact",     "open",
    "population", "energy",     "ergotropy", "purity",       "collision", "leak",
    "leak_down",  "leak_error", "lifetime",  "re",           "im",        "modulus",
    "decay",      "relaxation", "error",     "multiplicity", "method"};

typedef struct line {
    char field[COLUMNS][32];
} line;

static void put_text(line *l, enum column column, const char *text)
{
    snprintf(l->field[column], sizeof *l->field, "%s", text ? text : "");
}

/* -1 stands for "not there". */
static void put_count(line *l, enum column column, int64_t value)
{
    if (value >= 0) snprintf(l->field[column], sizeof *l->field, "%" PRId64, value);
}

static void put_number(line *l, enum column column, double value)
{
    umi_number_format(value, l->field[column]);
}

static void write_line(const line *l, umi_file *file)
{
    for (int i = 0; i < COLUMNS; i++) {
        umi_file_write(file, l->field[i], strlen(l->field[i]));
        umi_file_write(file, i + 1 < COLUMNS ? "," : "\n", 1);
    }
}

static void write_header(umi_file *file)
{
    line l;
    for (int i = 0; i < COLUMNS; i++) put_text(&l, i, names[i]);
    write_line(&l, file);
}

static void write_plateau(const um_steady *steady, umi_file *file)
{
    const um_plateau *plateau = &steady->plateau;
    if (plateau->charging_time < 0) return;
    line l = {0};
    put_text(&l, KIND, "plateau");
    put_count(&l, FIRST, plateau->charging_time);
    put_count(&l, LAST, plateau->end);
    put_number(&l, ENERGY, plateau->energy);
    put_number(&l, ERGOTROPY, plateau->ergotropy);
    put_number(&l, PURITY, plateau->purity);
    put_count(&l, COLLISION, plateau->at);
    put_number(&l, LIFETIME, steady->lifetime);
    write_line(&l, file);
}

static void write_limit(const um_limit *limit, umi_file *file)
{
    line l = {0};
    put_text(&l, KIND, "limit");
    put_text(&l, STATUS, um_limit_status_get_name(limit->status));
    put_count(&l, FIRST, limit->level);
    put_number(&l, ENERGY, limit->energy);
    put_number(&l, ERGOTROPY, limit->ergotropy);
    put_number(&l, PURITY, limit->purity);
    put_count(&l, COLLISION, limit->collision);
    write_line(&l, file);
}

static void write_stationary(const um_stationary *stationary, umi_file *file)
{
    line l = {0};
    if (stationary->levels == 0) return;
    put_text(&l, KIND, "stationary");
    put_count(&l, FIRST, 0);
    put_count(&l, LAST, stationary->levels - 1);
    put_number(&l, ENERGY, stationary->energy);
    put_number(&l, ERGOTROPY, stationary->ergotropy);
    put_number(&l, PURITY, stationary->purity);
    write_line(&l, file);
}

static void write_chamber(const um_chamber *chamber, umi_file *file)
{
    line l = {0};
    put_text(&l, KIND, "chamber");
    put_count(&l, FIRST, chamber->first);
    put_count(&l, LAST, chamber->last);
    put_count(&l, EXACT, chamber->exact);
    put_count(&l, OPEN, chamber->open);
    put_number(&l, POPULATION, chamber->population);
    put_number(&l, ENERGY, chamber->energy);
    put_number(&l, ERGOTROPY, chamber->ergotropy);
    put_number(&l, PURITY, chamber->purity);
    put_number(&l, LEAK, chamber->leak);
    put_number(&l, LEAK_DOWN, chamber->down);
    put_number(&l, LEAK_ERROR, chamber->leak_error);
    put_number(&l, LIFETIME, chamber->leak > 0 ? 1 / chamber->leak : NAN);
    put_number(&l, RELAXATION, chamber->relaxation);
    put_text(&l, METHOD, chamber->method);
    write_line(&l, file);
}

static void write_mode(const um_mode *mode, umi_file *file)
{
    line l = {0};
    put_text(&l, KIND, "mode");
    put_number(&l, RE, mode->re);
    put_number(&l, IM, mode->im);
    put_number(&l, MODULUS, mode->modulus);
    put_number(&l, DECAY, mode->decay);
    put_number(&l, RELAXATION, mode->relaxation);
    put_number(&l, ERROR, mode->error);
    put_count(&l, MULTIPLICITY, mode->multiplicity);
    write_line(&l, file);
}

um_status um_steady_write_csv(um_context *ctx, const um_steady *steady, const char *path,
                              bool replace)
{
    umi_file file;
    UMI_TRY(umi_file_begin(ctx, path, replace, &file));
    umi_c_locale locale = umi_c_locale_enter();
    write_header(&file);
    write_plateau(steady, &file);
    write_limit(&steady->limit, &file);
    write_stationary(&steady->stationary, &file);
    for (size_t i = 0; i < steady->chambers_count; i++) write_chamber(&steady->chambers[i], &file);
    for (size_t i = 0; i < steady->spectrum.count; i++)
        write_mode(&steady->spectrum.modes[i], &file);
    umi_c_locale_leave(locale);
    return umi_file_commit(&file);
}
